import { Radio, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDateOf, money, number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { ProblemNotice } from '@ui/ProblemNotice';
import { SearchBox } from '@ui/SearchBox';
import { Callout } from '@ui/states';
import { LegalDate } from '@ui/values';
import { commands, licensesQuery, partiesQuery, partyQuery, requirementsQuery, servicesQuery, useApplicationCommand, type License, type Service } from './api';
import { Back, ErrorSummary, Foot, PortalPage } from './Layout';
import { kinds } from './search';
import classes from './portal.module.css';

const route = getRouteApi('/applications/new');

/** What an application of this kind needs, costs and takes, with the article. */
function Takes({ service }: { service: Service }) {
  const { t, language } = useTexts();
  const requirements = useQuery(requirementsQuery);
  const tenge = (value: number) => money(Math.round(value * 100), language);
  const needed = (requirements.data?.items ?? []).filter((one) => one.sub_type === service.sub_type && one.kinds.includes(service.kind));
  const { fee } = service;
  return (
    <>
      <section>
        <h2>{t('portal.start.needs')}</h2>
        {service.kind === 'issue' ? <p>{t('portal.start.who')}</p> : null}
        <ul className={classes.plain}>
          {needed.map((one) => (
            <li key={one.code}>
              {{ kk: one.text_kk, ru: one.text_ru, en: one.text_en }[language]}
              <span className={classes.law} lang="ru">{one.legal_ref}</span>
            </li>
          ))}
          {needed.length === 0 ? <li>{t('portal.start.needsLicense')}</li> : null}
        </ul>
      </section>
      <section>
        <h2>{t('portal.start.costs')}</h2>
        <p>
          {fee.due_kzt > 0 ? (
            <>
              <strong>{tenge(fee.due_kzt)}</strong> ({t('portal.fee.reckoned', { units: number(fee.mci_units, Number.isInteger(fee.mci_units) ? 0 : 2, language), value: tenge(fee.mci_kzt) })})
              <span className={classes.law} lang="ru">{fee.legal_ref}</span>
            </>
          ) : (
            t('portal.fee.none')
          )}
        </p>
      </section>
      <section>
        <h2>{t('portal.start.time')}</h2>
        <p>
          {t('portal.start.days', { count: service.term_working_days })}
          {service.term_legal_ref ? <span className={classes.law} lang="ru">{service.term_legal_ref}</span> : null}
        </p>
        <p className={classes.hint}>{t('portal.start.fill')}</p>
      </section>
    </>
  );
}

function About() {
  const { t } = useTexts();
  const { user } = useSession();
  const search = route.useSearch();
  const navigate = useNavigate();
  const services = useQuery(servicesQuery);
  const kind = search.kind ?? 'issue';
  const sub = search.sub ?? 'I';
  const service = services.data?.items.find((item) => item.kind === kind && item.sub_type === sub);
  const start = useStart();
  const problem = start.error ? asProblem(start.error) : undefined;
  const go = () => {
    if (!user.party && !search.party) return void navigate({ to: '/applications/new', search: { ...search, kind, sub, step: 'party' } });
    if (kind !== 'issue') return void navigate({ to: '/applications/new', search: { ...search, kind, sub, step: 'base' } });
    start.mutate({ kind, sub, party: user.party ?? search.party });
  };
  return (
    <PortalPage
      title={t('portal.start.title')}
      lead={<p>{t('portal.start.lead')}</p>}
      back={
        <Link to="/applications">
          <Back>{t('portal.home.title')}</Back>
        </Link>
      }
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Radio.Group label={t('portal.start.kind')} value={kind} onChange={(value) => void navigate({ to: '/applications/new', search: { ...search, kind: kinds.find((one) => one === value) }, replace: true, resetScroll: false })}>
          <div className={classes.options}>
            {kinds.map((one) => (
              <Radio key={one} size="md" value={one} label={t(`portal.kind.${one}`)} description={t(`portal.kindHelp.${one}`)} />
            ))}
          </div>
        </Radio.Group>
        <Radio.Group label={t('application.subType')} value={sub} onChange={(value) => void navigate({ to: '/applications/new', search: { ...search, sub: value === 'II' ? 'II' : 'I' }, replace: true, resetScroll: false })}>
          <div className={classes.options}>
            <Radio size="md" value="I" label={t('subType.I')} description={t('form.subTypeHelp.I')} />
            <Radio size="md" value="II" label={t('subType.II')} description={t('form.subTypeHelp.II')} />
          </div>
        </Radio.Group>
        {service ? <Takes service={service} /> : services.error ? <ProblemNotice problem={asProblem(services.error)} onRetry={() => void services.refetch()} /> : null}
        <Foot busy={start.isPending} label={t('portal.start.go')} />
      </form>
    </PortalPage>
  );
}

interface Begin {
  kind: (typeof kinds)[number];
  sub: 'I' | 'II';
  party?: string | undefined;
  base?: License | undefined;
}

/** Makes the draft and goes to its tasks; what the base license says is filled in. */
function useStart() {
  const { language } = useTexts();
  const { user } = useSession();
  const navigate = useNavigate();
  return useApplicationCommand(
    ({ kind, sub, party, base }: Begin) =>
      commands.create({
        kind,
        language,
        documents: 'attached',
        sub_type: base?.sub_type ?? sub,
        ...(party && party !== user.party ? { applicant: party } : {}),
        ...(base ? { base_license: base.number } : {}),
        ...(base && kind === 'appendix_change'
          ? { sites: base.sites.map((site) => ({ site: site.site_code, connection_points: site.connection_points, approved_kw: site.approved_kw })), ...(base.host_license ? { host_license: base.host_license } : {}) }
          : {}),
      }),
    (application) => void navigate({ to: '/applications/$id/tasks', params: { id: application.id } }),
  );
}

/** A clerk finds whom to file for. */
function FindParty() {
  const { t, language } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const [q, setQ] = useState('');
  const found = useQuery(partiesQuery(q));
  const start = useStart();
  const problem = start.error ? asProblem(start.error) : undefined;
  const onSearch = useCallback((next: string) => setQ(next), []);
  const take = (party: string) => {
    if (search.kind && search.kind !== 'issue') void navigate({ to: '/applications/new', search: { ...search, party, step: 'base' } });
    else start.mutate({ kind: 'issue', sub: search.sub ?? 'I', party });
  };
  return (
    <PortalPage title={t('portal.party.title')} caption={t(`portal.kind.${search.kind ?? 'issue'}`)} lead={<p>{t('portal.party.lead')}</p>} back={<Link to="/applications/new" search={{ kind: search.kind, sub: search.sub }}><Back>{t('portal.back')}</Back></Link>}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.medium}>
        <SearchBox label={t('portal.party.search')} value={q} onSearch={onSearch} />
      </div>
      {found.data ? (
        found.data.items.length === 0 ? (
          <p role="status">{t('portal.party.none')}</p>
        ) : (
          <ul className={classes.tasks} aria-label={t('portal.party.found')}>
            {found.data.items.map((party) => (
              <li key={party.id} className={classes.task}>
                <button type="button" className={classes.linkButton} onClick={() => take(party.id ?? party.bin_or_iin)}>
                  {language === 'kk' ? party.name_kk : party.name_ru}
                </button>
                <span className="num muted">{party.bin_or_iin}</span>
              </li>
            ))}
          </ul>
        )
      ) : null}
    </PortalPage>
  );
}

/** The license that the application is about. */
function ChooseBase({ kind }: { kind: Begin['kind'] }) {
  const { t } = useTexts();
  const { user } = useSession();
  const search = route.useSearch();
  const holder = search.party ?? user.party ?? '';
  const party = useQuery(partyQuery(holder));
  const licenses = useQuery(licensesQuery(holder));
  const [typed, setTyped] = useState(search.base ?? '');
  const [missing, setMissing] = useState(false);
  const start = useStart();
  const problem = start.error ? asProblem(start.error) : undefined;
  const today = legalDateOf(new Date());
  const usable = (licenses.data?.items ?? []).filter((one) => (one.state === 'active' || (one.state === 'suspended' && kind !== 'reissue' && kind !== 'appendix_change')) && one.valid_until > today);
  const base = usable.find((one) => one.number === typed.trim().toUpperCase());
  return (
    <PortalPage
      title={t('portal.base.title')}
      caption={t(`portal.kind.${kind}`)}
      faulty={missing}
      back={
        <Link to="/applications/new" search={{ kind, sub: search.sub }}>
          <Back>{t('portal.back')}</Back>
        </Link>
      }
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setMissing(!base);
          if (base) start.mutate({ kind, sub: base.sub_type, party: holder || undefined, base });
        }}
      >
        <ErrorSummary items={missing ? [{ text: t('portal.base.missing'), onOpen: () => document.getElementById('base')?.focus() }] : []} />
        {problem ? <ProblemNotice problem={problem} /> : null}
        {party.data ? <p>{party.data.name_ru}</p> : null}
        {usable.length > 0 ? (
          <Radio.Group label={t('portal.field.baseLicense')} value={typed} onChange={setTyped} error={missing ? t('portal.base.missing') : undefined}>
            <div className={classes.options}>
              {usable.map((license, index) => (
                <Radio
                  key={license.number}
                  id={index === 0 ? 'base' : `base-${license.number}`}
                  size="md"
                  value={license.number}
                  label={<span className="mono">{license.number}</span>}
                  description={
                    <>
                      {t(`subType.${license.sub_type}`)} · {t('portal.base.until')} <LegalDate date={legalDateOf(new Date(license.valid_until))} />
                    </>
                  }
                />
              ))}
            </div>
          </Radio.Group>
        ) : licenses.data ? (
          <>
            <Callout tone="stop">{t('portal.base.none')}</Callout>
            <TextInput id="base" className={classes.short} size="md" label={t('portal.field.baseLicense')} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} error={missing ? t('portal.base.missing') : undefined} />
          </>
        ) : null}
        <Foot busy={start.isPending} label={t('portal.next')} />
      </form>
    </PortalPage>
  );
}

/** The start of an application: what it takes, for whom, and about which license. */
export function Start() {
  const { step, kind } = route.useSearch();
  if (step === 'party') return <FindParty key="party" />;
  if (step === 'base') return <ChooseBase key="base" kind={kind ?? 'renewal'} />;
  return <About key="about" />;
}
