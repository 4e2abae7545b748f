import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Table } from '@ui/Table';
import { Answer } from './Answer';
import { Confirm } from './Confirm';
import { checkQuery, explanationQuery, type Explanation as ExplanationData } from './api';

const route = getRouteApi('/gate/checks/$id');

function Rules({ explanation }: { explanation: ExplanationData }) {
  const { t } = useTexts();
  const text = useCodeText();
  return (
    <>
      {explanation.decision_today !== explanation.decision ? (
        <Callout tone="stop">{t('explain.differs', { then: t(`state.decision.${explanation.decision}`), today: t(`state.decision.${explanation.decision_today}`) })}</Callout>
      ) : (
        <p className="muted">{t('explain.same')}</p>
      )}
      <Table label={t('explain.rules')}>
        <thead>
          <tr>
            <th scope="col">{t('explain.rule')}</th>
            <th scope="col">{t('explain.result')}</th>
            <th scope="col">{t('explain.reads')}</th>
            <th scope="col">{t('explain.today')}</th>
          </tr>
        </thead>
        <tbody>
          {explanation.rules.map((rule) => (
            <tr key={rule.code}>
              <td className="mono">{text('reason', rule.code) === rule.code.replaceAll('_', ' ') ? rule.code : text('reason', rule.code)}</td>
              <td><State noun="rule" state={rule.result} /></td>
              <td>{rule.reads}</td>
              <td>{rule.today === rule.result ? <span className="muted">{t('explain.unchanged')}</span> : <State noun="rule" state={rule.today} />}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}

/** Why the gate answered as it did: each rule, what it looked at, and what it would say today. */
export function Explanation() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const can = useCan();
  const record = useQuery(checkQuery(id));
  const explanation = useQuery(explanationQuery(id));
  return (
    <Loaded query={record}>
      {(answer) => (
        <Page
          title={t('explain.title', { reference: answer.reference })}
          back={
            <Link to="/gate/log">
              <BackLabel>{t('nav.gateLog')}</BackLabel>
            </Link>
          }
        >
          <div style={{ display: 'grid', gap: 32, gridTemplateColumns: 'minmax(0, 1fr)' }}>
            <Answer answer={answer} linked={false} />
            {answer.reservation_state === 'held' && can('gate.confirm') ? (
              <Section title={t('confirm.title')} note={t('confirm.help')}>
                <Confirm record={answer} />
              </Section>
            ) : null}
            <Section title={t('explain.rules')}>
              <Loaded query={explanation}>{(data) => <Rules explanation={data} />}</Loaded>
            </Section>
          </div>
        </Page>
      )}
    </Loaded>
  );
}
