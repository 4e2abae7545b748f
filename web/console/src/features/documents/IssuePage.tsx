import { Button, Radio, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { fileAddress, useIssue } from './api';
import { fieldsOf, inputOf, kinds, type Field, type Typed } from './issue';

const texts: Record<Field, string> = {
  application: 'document.application',
  order: 'document.order',
  bin_or_iin: 'document.bin',
  connection_point: 'document.aboutPoint',
  from: 'document.from',
  to: 'document.to',
  as_on: 'document.asOn',
};

const dates: readonly Field[] = ['from', 'to', 'as_on'];

/** Issuing a certificate of absence, an extract, a refusal or an order. What concerns one license is issued on its page. */
export function IssuePage() {
  const { t } = useTexts();
  const [typed, setTyped] = useState<Typed>({ kind: 'absence', about: 'bin', values: {} });
  const [tried, setTried] = useState(false);
  const issue = useIssue();
  const problem = issue.error ? asProblem(issue.error) : undefined;
  const fields = fieldsOf(typed);
  const { input, missing } = inputOf(typed);
  const change = (part: Partial<Typed>) => {
    setTyped((before) => ({ ...before, ...part }));
    setTried(false);
    issue.reset();
  };
  const errorOf = (field: Field): string | undefined => problem?.field(`/${field}`) ?? (tried && missing.includes(field) ? t(dates.includes(field) ? 'date.pattern' : 'document.missing') : undefined);
  const help = (field: Field): string | undefined => (field === 'bin_or_iin' && typed.kind === 'extract' ? t('document.holderOnlyHelp') : field === 'as_on' ? t('document.asOnHelp') : undefined);
  return (
    <Page
      width="reading"
      title={t('document.issueTitle')}
      lead={t('document.issueLead')}
      back={
        <Link to="/documents">
          <BackLabel>{t('document.title')}</BackLabel>
        </Link>
      }
    >
      <form
        style={{ display: 'grid', gap: 20 }}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (missing.length === 0) issue.mutate(input);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        {issue.data ? (
          <Callout tone="ok" title={t('document.done', { number: issue.data.number })}>
            <a href={fileAddress(issue.data.id)}>{t('document.open', { number: issue.data.number })}</a>
            <p className="small mono" style={{ overflowWrap: 'anywhere' }}>{issue.data.sha256}</p>
          </Callout>
        ) : null}
        <Radio.Group label={t('document.kind')} value={typed.kind} onChange={(value) => change({ kind: kinds.find((kind) => kind === value) ?? 'absence' })}>
          <div style={{ display: 'grid', gap: 10, marginBlockStart: 8 }}>
            {kinds.map((kind) => (
              <Radio key={kind} value={kind} label={t(`document.kind.${kind}`)} description={t(`document.kindHelp.${kind}`)} />
            ))}
          </div>
        </Radio.Group>
        {typed.kind === 'absence' ? (
          <Radio.Group label={t('document.about')} value={typed.about} onChange={(value) => change({ about: value === 'point' ? 'point' : 'bin' })}>
            <div style={{ display: 'flex', flexWrap: 'wrap', gap: '8px 20px', marginBlockStart: 8 }}>
              <Radio value="bin" label={t('document.aboutBin')} />
              <Radio value="point" label={t('document.aboutPoint')} />
            </div>
          </Radio.Group>
        ) : null}
        {fields.map((field) => (
          <TextInput
            key={field}
            label={field === 'bin_or_iin' && typed.kind === 'extract' ? t('document.holderOnly') : t(texts[field])}
            description={help(field)}
            placeholder={dates.includes(field) ? t('date.pattern') : undefined}
            inputMode={dates.includes(field) || field === 'bin_or_iin' ? 'numeric' : 'text'}
            autoComplete="off"
            value={typed.values[field] ?? ''}
            error={errorOf(field)}
            onChange={(event) => change({ values: { ...typed.values, [field]: event.currentTarget.value } })}
          />
        ))}
        <Actions>
          <Button variant="default" component={Link} to="/documents">
            {t('ui.cancel')}
          </Button>
          <Button type="submit" loading={issue.isPending}>
            {t('document.do')}
          </Button>
        </Actions>
      </form>
    </Page>
  );
}
