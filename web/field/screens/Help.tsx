import { t } from '../app/text';
import { Screen } from '../app/ui';

const topics = ['states', 'offline', 'room', 'session', 'evict', 'mistake', 'two', 'last'] as const;

/** What an inspector may want to know where nobody can be asked. */
export const Help = () => (
  <Screen title={t('help.title')} back="#/">
    {topics.map((topic) => (
      <section key={topic}>
        <h2>{t(`help.${topic}.title`)}</h2>
        <p>{t(`help.${topic}.text`)}</p>
      </section>
    ))}
  </Screen>
);
