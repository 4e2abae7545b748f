import type { VisitScreen } from '../app/App';
import { day, number, own, t } from '../app/text';
import { Mark, Note, Outcome, placeTone, Screen, StateWord, type Tone } from '../app/ui';
import { answered, lacks, tally } from '../visit/fold';

interface Row {
  path: string;
  name: string;
  words: string;
  tone: Tone;
}

/** What there is to do on this visit, and what was done. */
export function VisitHome({ open }: VisitScreen) {
  const { pack, visit, id } = open;
  const missing = lacks(visit, pack);
  const sections = pack.checklist?.sections ?? [];
  const required = sections.flatMap((s) => s.questions).filter((q) => q.required);
  const done = required.filter((q) => answered(visit, q.id, q.kind)).length;
  const shots = (pack.shots ?? []).filter((shot) => shot.required);
  const taken = shots.filter((shot) => visit.photos.some((photo) => photo.shot === shot.id)).length;
  const count = tally(visit, pack);
  const tone = (is: boolean, begun: boolean): Tone => (is ? 'ok' : begun ? 'wait' : 'none');
  const signed = (['inspector', 'subject'] as const).filter((who) => visit.signed.has(who)).length;
  const rows: Row[] = [
    { path: 'start', name: t('start.title'), words: visit.started ? t('home.started') : t('home.notStarted'), tone: tone(visit.started !== null, false) },
    { path: 'checklist/0', name: t('checklist.title'), words: t('home.ofRequired', { n: done, of: required.length }), tone: tone(done === required.length, visit.answers.size > 0) },
    { path: 'scan', name: t('scan.title'), words: t('home.scanned', { n: count.declared, of: pack.declared?.length ?? 0, strange: count.unknown + count.elsewhere }), tone: tone(count.absent === 0, visit.serials.length > 0) },
    { path: 'racks', name: t('racks.title'), words: t('home.count', { n: visit.racks.size }), tone: tone(visit.racks.size > 0, false) },
    { path: 'photos', name: t('photos.title'), words: `${t('home.ofRequired', { n: taken, of: shots.length })} · ${t('home.count', { n: visit.photos.length })}`, tone: tone(taken === shots.length, visit.photos.length > 0) },
    { path: 'readings', name: t('readings.title'), words: t('home.count', { n: visit.readings.length }), tone: tone(visit.readings.length > 0, false) },
    { path: 'seals', name: t('seals.title'), words: t('home.count', { n: visit.seals.length + visit.seized.length }), tone: tone(visit.seals.length + visit.seized.length > 0, false) },
    { path: 'permit', name: t('permit.title'), words: t('permit.short'), tone: 'none' },
    { path: 'access', name: t('access.title'), words: visit.refusedAccess ? t('access.recorded') : t('access.short'), tone: visit.refusedAccess ? 'stop' : 'none' },
    { path: 'protocol', name: t('protocol.title'), words: t('home.signed', { n: signed }), tone: tone(signed === 2, signed > 0) },
  ];
  return (
    <Screen
      title={own(pack.site?.name) || pack.inspection.number}
      sub={<>{pack.inspection.number} · {day(pack.inspection.planned_on)}<br />{pack.site?.address}</>}
      back="#/"
      foot={
        visit.finished ? <a className="button plain" href={`#/visit/${id}/finish`}>{t('finish.progress')}</a>
        : !visit.started && !visit.refusedAccess ? <a className="button" href={`#/visit/${id}/start`}>{t('start.do')}</a>
        : <a className="button" href={`#/visit/${id}/finish`}>{missing.length > 0 ? t('finish.left', { n: missing.length }) : t('finish.title')}</a>
      }
    >
      <Outcome open={open} />
      {visit.finished && <Note tone="ok" title={t('finish.finished')}><p><Places open={open} /></p></Note>}
      {pack.finding?.sentence && (
        <Note title={t('home.finding')}>
          <p>{pack.finding.sentence}</p>
          {pack.finding.estimated_kw !== undefined && <p className="small">{t('home.estimate', { kw: number(pack.finding.estimated_kw), low: number(pack.finding.interval?.[0] ?? 0), high: number(pack.finding.interval?.[1] ?? 0) })}</p>}
        </Note>
      )}
      <ul className="list">
        {rows.map((row) => (
          <li key={row.path}>
            <a className="link" href={`#/visit/${id}/${row.path}`}>
              <Mark tone={row.tone} />
              <span>{row.name}<span className="small">{row.words}</span></span>
            </a>
          </li>
        ))}
      </ul>
      <h2>{t('home.facts')}</h2>
      <dl>
        {pack.holder?.name && <div><dt>{t('home.holder')}</dt><dd>{own(pack.holder.name)}{pack.holder.bin && <><br />{pack.holder.bin}</>}</dd></div>}
        {(pack.connection_points ?? []).map((cp) => (
          <div key={cp.code}>
            <dt className="mono">{cp.code}</dt>
            <dd>{t('home.point', { permitted: number(cp.permitted_kw ?? 0), licensed: number(cp.licensed_kw ?? 0) })}{cp.meter_serial && <><br />{t('home.meter', { serial: cp.meter_serial })}</>}</dd>
          </div>
        ))}
        {(pack.inspection.team ?? []).map((one) => <div key={one.id}><dt>{t(one.lead ? 'home.lead' : 'home.member')}</dt><dd>{one.name}</dd></div>)}
      </dl>
    </Screen>
  );
}

/** How many of the visit's records are where. */
export function Places({ open }: Pick<VisitScreen, 'open'>) {
  return (
    <>
      {(['saved', 'received', 'sealed', 'refused'] as const).map((place) => {
        const n = open.places.filter((one) => one.place === place).length;
        return n === 0 ? null : <span key={place} style={{ marginRight: 16 }}><StateWord tone={placeTone[place]}>{n} {t(`place.${place}`)}</StateWord></span>;
      })}
    </>
  );
}
