import { Button, Checkbox, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { kw } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { askedKw, blankSite, emptySite, equipmentKw, places, type SiteAnswer } from '../answers';
import { sitesQuery, type Site as SiteWire } from '../api';
import { fieldId } from '../questions';
import classes from '../portal.module.css';
import { NewSite } from './NewSite';
import { replaced, type QuestionProps } from './parts';

const nameOf = (site: SiteWire, language: string) => (language === 'kk' ? site.name_kk : site.name_ru);

/** The first words about a chosen site under any pointer of its line. */
function useLine(answers: SiteAnswer[], bad: QuestionProps['bad']) {
  const sent = places(answers, blankSite);
  return (index: number, field: string) => (sent[index] === undefined ? undefined : bad(`/sites/${sent[index]}/${field}`));
}

function OwnSites({ application, answers, edit, bad }: QuestionProps) {
  const { t, language } = useTexts();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const sites = useQuery(sitesQuery(application.applicant));
  const line = useLine(answers.sites, bad);
  const own = sites.data?.items ?? [];
  const chosen = answers.sites.map((site) => site.site).filter(Boolean);
  const foreign = chosen.filter((code) => sites.data && !own.some((site) => site.code === code));
  const choose = (codes: string[]) =>
    edit({
      sites: codes.map((code) => {
        const before = answers.sites.find((site) => site.site === code);
        const points = own.find((site) => site.code === code)?.connection_points ?? [];
        // A data centre with one connection point leaves nothing to choose.
        return before ?? { ...emptySite(), site: code, points: points.length === 1 ? [...points] : [] };
      }),
    });
  const wrong = bad('/sites') ?? answers.sites.map((_, index) => line(index, 'site')).find(Boolean);
  return (
    <>
      <Checkbox.Group label={t('portal.site.own')} value={chosen} onChange={choose} error={wrong}>
        <div id={fieldId('/sites')} tabIndex={-1} className={classes.options}>
          {own.map((site) => (
            <Checkbox
              key={site.id}
              size="md"
              value={site.code}
              label={`${nameOf(site, language)} (${site.code})`}
              description={`${site.address} · ${t('portal.site.feeds', { power: kw(site.host_capacity_kw, language) })}`}
            />
          ))}
          {foreign.map((code) => (
            <Checkbox key={code} size="md" value={code} label={<span className="mono">{code}</span>} />
          ))}
          {sites.data && own.length === 0 && foreign.length === 0 ? <p className={classes.hint}>{t('portal.site.none')}</p> : null}
        </div>
      </Checkbox.Group>
      {adding ? (
        <NewSite
          owner={application.applicant}
          onCancel={() => setAdding(false)}
          onDone={(site) => {
            setAdding(false);
            edit({ sites: [...answers.sites.filter((one) => !blankSite(one)), { ...emptySite(), site: site.code, points: site.connection_points.length === 1 ? [...site.connection_points] : [] }] });
          }}
        />
      ) : can('site.write') ? (
        <div>
          <Button variant="default" onClick={() => setAdding(true)}>
            {t('portal.site.add')}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function HostSites({ answers, edit, bad }: QuestionProps) {
  const { t } = useTexts();
  const rows = answers.sites.length > 0 ? answers.sites : [emptySite()];
  const line = useLine(rows, bad);
  return (
    <>
      {rows.map((row, index) => (
        <div key={index} className={classes.row}>
          <TextInput
            id={fieldId(index === 0 ? '/sites' : `/sites/${index}/site`)}
            className={classes.short}
            size="md"
            label={t('portal.site.hostCode')}
            description={t('portal.site.hostCodeHelp')}
            value={row.site}
            onChange={(event) => edit({ sites: replaced(rows, index, { site: event.currentTarget.value.toUpperCase() }) })}
            error={line(index, 'site') ?? (index === 0 ? bad('/sites') : undefined)}
          />
          {rows.length > 1 ? (
            <button type="button" className={classes.linkButton} onClick={() => edit({ sites: rows.filter((_, i) => i !== index) })}>
              {t('form.removeSite', { number: index + 1 })}
            </button>
          ) : null}
        </div>
      ))}
      <div>
        <Button variant="default" onClick={() => edit({ sites: [...rows, emptySite()] })}>
          {t('form.addSite')}
        </Button>
      </div>
    </>
  );
}

/** Where the rigs stand. */
export function Place(props: QuestionProps) {
  return props.answers.subType === 'I' ? <OwnSites {...props} /> : <HostSites {...props} />;
}

/** Through which points of the grid each data centre is fed. */
export function Points({ application, answers, edit, bad }: QuestionProps) {
  const { t, language } = useTexts();
  const sites = useQuery(sitesQuery(application.applicant));
  const sent = places(answers.sites, blankSite);
  return answers.sites.map((row, index) => {
    if (!row.site) return null;
    const site = sites.data?.items.find((item) => item.code === row.site);
    const known = [...new Set([...(site?.connection_points ?? []), ...(site && site.connection_points.length > 0 ? row.points : [])])];
    const at = `/sites/${sent[index]}/connection_points`;
    const wrong = bad(at) ?? row.points.map((_, i) => bad(`${at}/${i}`)).find(Boolean);
    const title = site ? `${nameOf(site, language)} (${site.code})` : row.site;
    return (
      <div key={row.site} id={fieldId(at)} tabIndex={-1}>
        {known.length > 0 ? (
          <Checkbox.Group label={title} value={row.points} onChange={(points) => edit({ sites: replaced(answers.sites, index, { points }) })} error={wrong}>
            <div className={classes.options}>
              {known.map((point) => (
                <Checkbox key={point} size="md" value={point} label={<span className="mono">{point}</span>} />
              ))}
            </div>
          </Checkbox.Group>
        ) : (
          <TextInput
            className={classes.medium}
            size="md"
            label={title}
            description={t('portal.points.typed')}
            defaultValue={row.points.join(', ')}
            onChange={(event) => edit({ sites: replaced(answers.sites, index, { points: event.currentTarget.value.split(/[\s,;]+/).filter(Boolean).map((code) => code.toUpperCase()) }) })}
            error={wrong}
          />
        )}
      </div>
    );
  });
}

/** How much power is asked for at each data centre. */
export function Power({ application, answers, edit, bad }: QuestionProps) {
  const { t, language } = useTexts();
  const sites = useQuery(sitesQuery(application.applicant));
  const sent = places(answers.sites, blankSite);
  const rigs = equipmentKw(answers);
  return (
    <>
      {answers.sites.map((row, index) => {
        if (!row.site) return null;
        const site = sites.data?.items.find((item) => item.code === row.site);
        const at = `/sites/${sent[index]}/approved_kw`;
        return (
          <TextInput
            key={row.site}
            id={fieldId(at)}
            className={classes.medium}
            size="md"
            label={`${t('form.kw')}: ${site ? `${nameOf(site, language)} (${site.code})` : row.site}`}
            description={site ? t('portal.site.feeds', { power: kw(site.host_capacity_kw, language) }) : undefined}
            inputMode="decimal"
            value={row.kw}
            onChange={(event) => edit({ sites: replaced(answers.sites, index, { kw: event.currentTarget.value }) })}
            error={bad(at) ?? (index === 0 ? bad('/sites') : undefined)}
          />
        );
      })}
      <p className={classes.hint}>{rigs > 0 ? t('portal.power.rigs', { asked: kw(askedKw(answers), language), rigs: kw(rigs, language) }) : t('portal.power.help')}</p>
    </>
  );
}
