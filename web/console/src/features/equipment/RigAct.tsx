import { Button, Radio, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { present } from '@shared/search';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout, Empty } from '@ui/states';
import { Facts } from '@ui/values';
import { commands, rigQuery, useCommand, type ActBody, type Rig } from './api';
import classes from './equipment.module.css';

const route = getRouteApi('/equipment/$id/$act');

type Act = ActBody['act'];
type Field = 'site' | 'license' | 'owner' | 'buyer' | 'contract' | 'authority' | 'case_number' | 'document';

/** Which fields each act asks for; those after the bar may stay empty. */
const acts: Record<Act, { needs: readonly Field[]; may: readonly Field[] }> = {
  move: { needs: ['site'], may: ['license', 'document', 'owner'] },
  store: { needs: [], may: ['site', 'document'] },
  sell: { needs: ['buyer', 'contract'], may: ['site', 'license'] },
  seize: { needs: ['authority', 'case_number'], may: [] },
  release: { needs: ['document'], may: ['authority'] },
  remove: { needs: ['document'], may: [] },
};
const reasons = ['scrapped', 'exported', 'sold'] as const;

const isAct = (text: string): text is Act => text in acts;

type Values = Partial<Record<Field | 'effective_on' | 'note', string>>;

function bodyOf(act: Act, values: Values, reason: (typeof reasons)[number]): ActBody {
  const text = (name: Field): string => values[name]?.trim() ?? '';
  const may = (name: Field): string | undefined => text(name) || undefined;
  const day = values.effective_on?.trim();
  const base = present({ effective_on: day ? (isoDate(day) ?? day) : undefined, note: values.note?.trim() || undefined });
  switch (act) {
    case 'move':
      return { act, body: { ...base, site: text('site'), ...present({ license: may('license'), document: may('document'), owner: may('owner') }) } };
    case 'store':
      return { act, body: { ...base, ...present({ site: may('site'), document: may('document') }) } };
    case 'sell':
      return { act, body: { ...base, buyer: text('buyer'), contract: text('contract'), ...present({ site: may('site'), license: may('license') }) } };
    case 'seize':
      return { act, body: { ...base, authority: text('authority'), case_number: text('case_number') } };
    case 'release':
      return { act, body: { ...base, document: text('document'), ...present({ authority: may('authority') }) } };
    case 'remove':
      return { act, body: { ...base, document: text('document'), reason } };
  }
}

function Form({ rig, act }: { rig: Rig; act: Act }) {
  const { t, has } = useTexts();
  const navigate = useNavigate();
  const [values, setValues] = useState<Values>({});
  const [reason, setReason] = useState<(typeof reasons)[number]>('scrapped');
  const id = rig.id ?? '';
  const record = useCommand(
    () => commands.record(rig, bodyOf(act, values, reason)),
    () => void navigate({ to: '/equipment/$id', params: { id } }),
  );
  const problem = record.error ? asProblem(record.error) : undefined;
  const { needs, may } = acts[act];
  const input = (name: Field | 'effective_on' | 'note') => ({
    value: values[name] ?? '',
    error: problem?.field(`/${name}`),
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  const help = (name: Field) => (has(`equipment.help.${act}.${name}`) ? t(`equipment.help.${act}.${name}`) : has(`equipment.help.${name}`) ? t(`equipment.help.${name}`) : undefined);
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        record.mutate(undefined);
      }}
    >
      <Callout tone={act === 'remove' || act === 'seize' ? 'stop' : 'wait'}>{t(`equipment.will.${act}`)}</Callout>
      <Facts
        layout="row"
        facts={[
          { label: t('equipment.serial'), value: <span className="mono">{rig.serial}</span> },
          { label: t('equipment.owner'), value: rig.owner_name ?? rig.owner },
          { label: t('equipment.site'), value: rig.site_code ?? '–' },
        ]}
      />
      {problem ? <ProblemNotice problem={problem} /> : null}
      {act === 'remove' ? (
        <Radio.Group label={t('equipment.reason')} value={reason} error={problem?.field('/reason')} onChange={(value) => setReason(reasons.find((one) => one === value) ?? 'scrapped')}>
          <div className={classes.outcomes}>
            {reasons.map((one) => (
              <Radio key={one} value={one} label={t(`equipment.reason.${one}`)} />
            ))}
          </div>
        </Radio.Group>
      ) : null}
      {needs.map((name) => (
        <TextInput key={name} label={t(`equipment.field.${name}`)} description={help(name)} autoComplete="off" required {...input(name)} />
      ))}
      <TextInput label={t('equipment.field.effective_on')} description={t('equipment.help.effective_on')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...input('effective_on')} />
      {may.map((name) => (
        <TextInput key={name} label={`${t(`equipment.field.${name}`)} (${t('equipment.optional')})`} description={help(name)} autoComplete="off" {...input(name)} />
      ))}
      <Textarea label={`${t('equipment.note')} (${t('equipment.optional')})`} autosize minRows={2} {...input('note')} />
      <Actions>
        <Button variant="default" component={Link} to={`/equipment/${id}`}>
          {t('ui.cancel')}
        </Button>
        <Button type="submit" loading={record.isPending}>
          {t(`equipment.do.${act}`)}
        </Button>
      </Actions>
    </form>
  );
}

/** Recording what happened to a rig. */
export function RigAct() {
  const { t } = useTexts();
  const { id, act } = route.useParams();
  const query = useQuery(rigQuery(id));
  const back = (
    <Link to="/equipment/$id" params={{ id }}>
      <BackLabel>{query.data?.serial ?? t('equipment.title')}</BackLabel>
    </Link>
  );
  if (!isAct(act)) return <Empty heading="h1" title={t('home.notFound')}>{t('home.notFoundHelp')}</Empty>;
  return (
    <Page width="reading" title={t(`equipment.act.${act}`)} back={back}>
      <Loaded query={query} rows={4}>
        {(rig) => (rig.allowed?.includes(act) ? <Form key={act} rig={rig} act={act} /> : <Empty title={t('equipment.notNow')}>{t('equipment.notNowHelp')}</Empty>)}
      </Loaded>
    </Page>
  );
}
