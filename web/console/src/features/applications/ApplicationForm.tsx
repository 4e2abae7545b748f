import { ActionIcon, Button, Checkbox, NativeSelect, Radio, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem, type ApiProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Kw } from '@ui/values';
import { applicationQuery, commands, partiesQuery, sitesQuery, useApplicationCommand, type Application } from './api';
import { declaredEquipmentKw, draftOf, emptyDraft, emptyLine, emptySite, inputOf, supplyBases, type Draft } from './draft';
import classes from './forms.module.css';

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  problem: ApiProblem | undefined;
}

const replaced = <T,>(list: readonly T[], index: number, change: Partial<T>): T[] => list.map((item, i) => (i === index ? { ...item, ...change } : item));

function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} onClick={onClick}>
      ×
    </ActionIcon>
  );
}

function Applicant({ draft, set, problem }: PartProps) {
  const { t } = useTexts();
  const { user } = useSession();
  const bin = draft.applicant.replace(/\s/g, '');
  const own = user.roles.includes('applicant');
  const found = useQuery({ ...partiesQuery(bin), enabled: !own && bin.length === 12 });
  if (own) return null;
  const party = found.data?.items.find((item) => item.bin_or_iin === bin);
  return (
    <fieldset className={classes.set}>
      <legend>{t('application.applicant')}</legend>
      <TextInput
        className={classes.short}
        label={t('party.bin')}
        description={t('form.binHelp')}
        inputMode="numeric"
        value={draft.applicant}
        onChange={(event) => set({ applicant: event.currentTarget.value })}
        error={problem?.field('/applicant') ?? (bin.length === 12 && found.data && !party ? t('form.binUnknown') : undefined)}
      />
      {party ? <p>{party.name_ru}</p> : null}
    </fieldset>
  );
}

/** The sites asked for. */
export function Sites({ draft, set, problem }: PartProps) {
  const { t } = useTexts();
  const bin = draft.applicant.replace(/\s/g, '');
  const { user } = useSession();
  const parties = useQuery({ ...partiesQuery(bin), enabled: bin.length === 12 && !user.roles.includes('applicant') });
  const owner = user.party ?? parties.data?.items.find((item) => item.bin_or_iin === bin)?.id;
  const sites = useQuery(sitesQuery);
  const all = sites.data?.items ?? [];
  const known = owner ? all.filter((site) => site.owner === owner || draft.subType === 'II') : all;
  return (
    <fieldset className={classes.set}>
      <legend>{t('application.sites')}</legend>
      <p className="muted">{t('form.sitesHelp')}</p>
      {draft.sites.map((row, index) => {
        const site = all.find((item) => item.code === row.site || item.id === row.site);
        const points = site?.connection_points ?? [];
        const change = (part: Partial<Draft['sites'][number]>) => set({ sites: replaced(draft.sites, index, part) });
        return (
          <div key={index} className={`${classes.line} ${classes.site}`}>
            <NativeSelect
              label={t('application.site')}
              value={site?.code ?? row.site}
              onChange={(event) => {
                const code = event.currentTarget.value;
                const chosen = all.find((item) => item.code === code);
                change({ site: code, points: chosen?.connection_points.length === 1 ? [...chosen.connection_points] : [] });
              }}
              error={problem?.field(`/sites/${index}/site`) ?? problem?.field(`/sites/${index}`)}
            >
              <option value="">{t('form.chooseSite')}</option>
              {known.map((item) => (
                <option key={item.id} value={item.code}>
                  {item.code} · {item.name_ru}
                </option>
              ))}
            </NativeSelect>
            <TextInput label={t('form.kw')} inputMode="decimal" value={row.kw} onChange={(event) => change({ kw: event.currentTarget.value })} error={problem?.field(`/sites/${index}/approved_kw`)} />
            {draft.sites.length > 1 ? <RemoveButton label={t('form.removeSite', { number: index + 1 })} onClick={() => set({ sites: draft.sites.filter((_, i) => i !== index) })} /> : <span />}
            {points.length > 0 ? (
              <Checkbox.Group
                className={classes.points}
                label={t('application.points')}
                value={row.points}
                onChange={(next) => change({ points: next })}
                error={problem?.field(`/sites/${index}/connection_points`)}
              >
                <div className={classes.points}>
                  {points.map((point) => (
                    <Checkbox key={point} value={point} label={<span className="mono">{point}</span>} />
                  ))}
                </div>
              </Checkbox.Group>
            ) : site ? (
              <p className={`${classes.points} muted small`}>{t('form.noPoints')}</p>
            ) : null}
          </div>
        );
      })}
      <div>
        <Button variant="default" size="xs" onClick={() => set({ sites: [...draft.sites, emptySite()] })}>
          {t('form.addSite')}
        </Button>
      </div>
    </fieldset>
  );
}

/** The declared equipment. */
export function Equipment({ draft, set, problem }: PartProps) {
  const { t } = useTexts();
  return (
    <fieldset className={classes.set}>
      <legend>{t('application.equipment')}</legend>
      <p className="muted">{t('form.equipmentHelp')}</p>
      {draft.equipment.map((line, index) => {
        const change = (part: Partial<Draft['equipment'][number]>) => set({ equipment: replaced(draft.equipment, index, part) });
        const at = (name: string) => problem?.field(`/equipment/${index}/${name}`);
        return (
          <div key={index} className={`${classes.line} ${classes.equipment}`}>
            <TextInput label={t('form.manufacturer')} value={line.manufacturer} onChange={(event) => change({ manufacturer: event.currentTarget.value })} error={at('manufacturer')} />
            <TextInput label={t('application.model')} value={line.model} onChange={(event) => change({ model: event.currentTarget.value })} error={at('model')} />
            <TextInput label={t('application.units')} inputMode="numeric" value={line.units} onChange={(event) => change({ units: event.currentTarget.value })} error={at('units')} />
            <TextInput label={t('application.eachKw')} inputMode="decimal" value={line.kw} onChange={(event) => change({ kw: event.currentTarget.value })} error={at('nameplate_kw')} />
            {draft.equipment.length > 1 ? <RemoveButton label={t('form.removeLine', { number: index + 1 })} onClick={() => set({ equipment: draft.equipment.filter((_, i) => i !== index) })} /> : <span />}
          </div>
        );
      })}
      <div style={{ display: 'flex', justifyContent: 'space-between', gap: 12, flexWrap: 'wrap' }}>
        <Button variant="default" size="xs" onClick={() => set({ equipment: [...draft.equipment, emptyLine()] })}>
          {t('form.addLine')}
        </Button>
        <span className={classes.sum}>
          {t('form.equipmentTotal')} <Kw value={declaredEquipmentKw(draft)} />
        </span>
      </div>
    </fieldset>
  );
}

/** The other answers; with only, just the fields of those names. */
export function Rest({ draft, set, problem, only }: PartProps & { only?: readonly string[] }) {
  const { t } = useTexts();
  const shows = (field: string) => !only || only.includes(field);
  return (
    <fieldset className={classes.set}>
      <legend>{t('application.otherAnswers')}</legend>
      {shows('supply_basis') ? <NativeSelect className={classes.short} label={t('application.supply')} value={draft.supplyBasis} onChange={(event) => set({ supplyBasis: supplyBases.find((basis) => basis === event.currentTarget.value) ?? 'auction' })} error={problem?.field('/supply_basis')}>
        {supplyBases.map((basis) => (
          <option key={basis} value={basis}>
            {t(`supply.${basis}`)}
          </option>
        ))}
      </NativeSelect> : null}
      {draft.subType === 'II' && shows('host_license') ? <TextInput className={classes.short} label={t('application.host')} description={t('form.hostHelp')} value={draft.host} onChange={(event) => set({ host: event.currentTarget.value })} error={problem?.field('/host_license')} /> : null}
      {shows('fee_paid_kzt') ? <TextInput className={classes.short} label={t('form.fee')} description={t(`form.feeHelp.${draft.subType}`)} inputMode="decimal" value={draft.fee} onChange={(event) => set({ fee: event.currentTarget.value })} error={problem?.field('/fee_paid_kzt')} /> : null}
      {shows('fee_document') ? <TextInput className={classes.short} label={t('application.feeDocument')} value={draft.feeDocument} onChange={(event) => set({ feeDocument: event.currentTarget.value })} error={problem?.field('/fee_document')} /> : null}
      {shows('language') ? <NativeSelect className={classes.short} label={t('application.language')} value={draft.language} onChange={(event) => set({ language: event.currentTarget.value === 'ru' ? 'ru' : event.currentTarget.value === 'en' ? 'en' : 'kk' })}>
        <option value="kk">{t('language.kk')}</option>
        <option value="ru">{t('language.ru')}</option>
        <option value="en">{t('language.en')}</option>
      </NativeSelect> : null}
      {shows('note') ? <Textarea label={t('application.note')} autosize minRows={3} value={draft.note} onChange={(event) => set({ note: event.currentTarget.value })} error={problem?.field('/note')} /> : null}
    </fieldset>
  );
}

function Form({ application }: { application?: Application }) {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>(() => (application ? draftOf(application) : emptyDraft(language)));
  const [savedId, setSavedId] = useState(application?.id);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useApplicationCommand(
    async (then: 'keep' | 'submit') => {
      const saved = savedId ? await commands.change(savedId, inputOf(draft)) : await commands.create(inputOf(draft));
      setSavedId(saved.id);
      return then === 'submit' ? commands.submit(saved.id) : saved;
    },
    (saved) => void navigate({ to: '/applications/$id', params: { id: saved.id } }),
  );
  const problem = save.error ? asProblem(save.error) : undefined;
  const parts: PartProps = { draft, set, problem };
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate('submit');
      }}
    >
      {problem ? <ProblemNotice problem={problem} title={t('form.problem')} /> : null}
      <Applicant {...parts} />
      <fieldset className={classes.set}>
        <legend>{t('application.subType')}</legend>
        <Radio.Group aria-label={t('application.subType')} value={draft.subType} onChange={(value) => set({ subType: value === 'II' ? 'II' : 'I' })} error={problem?.field('/sub_type')}>
          <div className={classes.options}>
            <Radio value="I" label={t('subType.I')} description={t('form.subTypeHelp.I')} />
            <Radio value="II" label={t('subType.II')} description={t('form.subTypeHelp.II')} />
          </div>
        </Radio.Group>
      </fieldset>
      <Sites {...parts} />
      <Equipment {...parts} />
      <Rest {...parts} />
      <Actions note={t('form.foot')}>
        <Button variant="default" loading={save.isPending && save.variables === 'keep'} onClick={() => save.mutate('keep')}>
          {t('form.keep')}
        </Button>
        <Button type="submit" loading={save.isPending && save.variables === 'submit'}>
          {t('form.submit')}
        </Button>
      </Actions>
    </form>
  );
}

const back = (label: string) => (
  <Link to="/applications">
    <BackLabel>{label}</BackLabel>
  </Link>
);

/** A new application. */
export function NewApplication() {
  const { t } = useTexts();
  return (
    <Page width="reading" title={t('form.title')} lead={t('form.lead')} back={back(t('nav.queue'))}>
      <Form />
    </Page>
  );
}

const editRoute = getRouteApi('/applications/$id/edit');

/** The form of an application that has not been submitted. */
export function EditApplication() {
  const { t } = useTexts();
  const { id } = editRoute.useParams();
  const query = useQuery(applicationQuery(id));
  return (
    <Loaded query={query}>
      {(application) => (
        <Page width="reading" title={t('form.editTitle', { number: application.number })} back={back(t('nav.queue'))}>
          <Form application={application} />
        </Page>
      )}
    </Loaded>
  );
}
