import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ask, newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { legalDate } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePeriodText } from '@shared/period';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Instant } from '@ui/values';
import { noticesQuery, type Notice } from './api';
import classes from './Notices.module.css';

function About({ notice }: { notice: Notice }) {
  const { t } = useTexts();
  const { subject_kind: kind, subject_id: id } = notice;
  const label = t(`notice.open.${kind}`);
  if (kind === 'obligation') return <Link to="/obligations/$id" params={{ id }}>{label}</Link>;
  if (kind === 'application') return <Link to="/applications/$id" params={{ id }}>{label}</Link>;
  return <Link to="/licenses/$number" params={{ number: id }}>{label}</Link>;
}

function Item({ notice }: { notice: Notice }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: () => ask(api.POST('/v1/notices/{id}/reading', { params: { path: { id: notice.id }, header: { 'Idempotency-Key': newKey() } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['notices'] }),
  });
  const period = usePeriodText();
  const due = notice.due ? legalDate(notice.due, language) : '';
  return (
    <li className={classes.notice} data-unread={notice.read_at ? undefined : true}>
      <div className={classes.head}>
        <h2>{t(`notice.title.${notice.kind}`)}</h2>
        {notice.read_at ? null : <StateMark tone="wait" label={t('notice.new')} />}
        <Instant at={notice.at} />
      </div>
      <p>
        {t(`notice.text.${notice.kind}`, {
          license: notice.license ?? '',
          number: notice.application_number ?? '',
          obligation: notice.obligation_kind ? text('obligation.name', notice.obligation_kind) : '',
          period: notice.period ? period({ period: notice.period }) : '',
          days: notice.days_before ?? 0,
          due,
        })}
      </p>
      {notice.note ? <blockquote>{notice.note}</blockquote> : null}
      {read.error ? <ProblemNotice problem={asProblem(read.error)} /> : null}
      <div className={classes.acts}>
        <About notice={notice} />
        {notice.read_at ? null : (
          <Button size="xs" variant="default" loading={read.isPending} onClick={() => read.mutate()}>
            {t('notice.read')}
          </Button>
        )}
      </div>
    </li>
  );
}

/** What the registry told the applicant: reminders, corrections asked for, decisions. */
export function Notices() {
  const { t } = useTexts();
  const query = useQuery(noticesQuery);
  return (
    <Page width="reading" title={t('notice.title')} lead={query.data ? t('notice.unread', { count: query.data.unread }) : t('notice.lead')}>
      <Loaded query={query} rows={4}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('notice.empty')}>{t('notice.emptyHelp')}</Empty>
          ) : (
            <ul className={classes.list}>
              {data.items.map((notice) => (
                <Item key={notice.id} notice={notice} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
