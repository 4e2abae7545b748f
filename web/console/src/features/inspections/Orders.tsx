import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDateOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Instant, LegalDate } from '@ui/values';
import { commands, useInspectionCommand, type Inspection } from './api';
import classes from './Inspections.module.css';

const empty = { text: '', article: '', due: '' };

function Give({ row, done }: { row: Inspection; done: () => void }) {
  const { t } = useTexts();
  const [typed, setTyped] = useState(empty);
  const give = useInspectionCommand(() => commands.order(row, { text: typed.text.trim(), article: typed.article.trim(), due: isoDate(typed.due) ?? typed.due }), done);
  const problem = give.error ? asProblem(give.error) : undefined;
  const field = (name: keyof typeof empty) => ({
    value: typed[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(`/${name}`),
  });
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t('inspection.orderText')} autosize minRows={3} autoFocus {...field('text')} />
      <div className={classes.row}>
        <TextInput label={t('inspection.orderArticle')} autoComplete="off" {...field('article')} />
        <TextInput label={t('inspection.orderDue')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('due')} />
      </div>
      <p className="small muted">{t('inspection.orderNote')}</p>
      <div className={classes.buttons}>
        <Button type="submit" loading={give.isPending}>{t('inspection.orderGive')}</Button>
        <Button variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

/** Orders to put something right, each with its last day. */
export function Orders({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const [giving, setGiving] = useState(false);
  const orders = row.remedy_orders ?? [];
  const today = legalDateOf(new Date());
  if (orders.length === 0 && !row.allowed.includes('order')) return null;
  return (
    <Section title={t('inspection.orders')}>
      {orders.length === 0 && !giving ? <p className="muted">{t('inspection.noOrders')}</p> : null}
      <ul className={classes.list}>
        {orders.map((order) => (
          <li key={order.id}>
            <strong className="mono">{order.number}</strong>
            <span className={classes.words}>{order.text}</span>
            <span>{order.article}</span>
            <span className={order.due < today ? classes.late : undefined}>{t('inspection.orderDue')}: <LegalDate date={order.due} /></span>
            {order.obligation ? <span className="small">{t('inspection.orderGate')}</span> : null}
            <span className="small muted">{order.issued_by ? `${order.issued_by}, ` : ''}<Instant at={order.issued_at} /></span>
          </li>
        ))}
      </ul>
      {giving ? <Give row={row} done={() => setGiving(false)} /> : null}
      {!giving && row.allowed.includes('order') ? <Button size="xs" variant="default" mt={12} onClick={() => setGiving(true)}>{t('inspection.orderGive')}</Button> : null}
    </Section>
  );
}
