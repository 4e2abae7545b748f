import { useTexts } from '@shared/i18n';
import { Callout } from '@ui/states';
import { Facts, Identifier } from '@ui/values';

/** A secret, shown this once: it is kept nowhere that it could be read from again. */
export function Secret({ title, id, idLabel, secret, secretLabel }: { title: string; id: string; idLabel: string; secret: string; secretLabel: string }) {
  const { t } = useTexts();
  return (
    <div role="status">
      <Callout tone="ok" title={title}>
        <Facts
          facts={[
            { label: idLabel, value: <Identifier value={id} /> },
            { label: secretLabel, value: <Identifier value={secret} /> },
          ]}
        />
        <p className="small">{t('people.once')}</p>
      </Callout>
    </div>
  );
}
