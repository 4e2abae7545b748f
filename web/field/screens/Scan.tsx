import { type FormEvent, useMemo, useRef, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { t } from '../app/text';
import { Field, Note, Onward, Outcome, Screen, StateWord, type Tone } from '../app/ui';
import type { Code } from '../visit/decoder';
import { seenSerials, tally } from '../visit/fold';
import { type Matched, matcher, plainSerial } from '../visit/pack';
import { Camera, signal } from './Camera';

const tones: Record<Matched['match'], Tone> = { declared: 'ok', unknown: 'refuse', duplicate: 'none', elsewhere: 'stop' };
const longest = 64;
const shown = 50;

interface Read extends Matched {
  serial: string;
}

/** Serials by camera or by hand, each held against the pack at once. */
export function Scan({ open }: VisitScreen) {
  const { pack, visit, id, act } = open;
  const match = useMemo(() => matcher(pack), [pack]);
  const [rack, setRack] = useState('');
  const [text, setText] = useState('');
  const [read, setRead] = useState<Read | null>(null);
  // What was read a moment ago and may not be in the visit yet, and what the camera still looks at.
  const fresh = useRef(new Set<string>());
  const looking = useRef('');
  const count = tally(visit, pack);

  const take = async (raw: string, symbology: 'qr' | 'code128' | 'typed') => {
    const serial = plainSerial(raw).slice(0, longest);
    if (!serial) return false;
    const found = match(serial, new Set([...seenSerials(visit), ...fresh.current]));
    fresh.current.add(serial);
    const saved = await act({ kind: 'serial.scanned', body: { serial, rack: rack.trim() || (found.rack ?? ''), symbology, match: found.match } }, `${serial}: ${t(`match.${found.match}`)}`);
    if (!saved) {
      fresh.current.delete(serial);
      looking.current = '';
      return false;
    }
    setRead({ ...found, serial });
    signal(found.match === 'declared');
    return true;
  };
  const onCode = ({ text: raw, symbology }: Code) => {
    if (looking.current === raw) return; // the same label, still before the camera
    looking.current = raw;
    void take(raw, symbology);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void take(text, 'typed').then((saved) => saved && setText(''));
  };
  const undo = (event: string, serial: string) => {
    fresh.current.delete(plainSerial(serial));
    looking.current = '';
    setRead(null);
    void open.undo(event);
  };
  return (
    <Screen title={t('scan.title')} sub={t('home.scanned', { n: count.declared, of: pack.declared?.length ?? 0, strange: count.unknown + count.elsewhere })} back={`#/visit/${id}`} foot={<><button type="submit" form="serial">{t('scan.add')}</button><Onward open={open} to="racks" /></>}>
      <Outcome open={open} />
      <div aria-live="assertive">
        {read && (
          <Note tone={tones[read.match]} title={`${t(`match.${read.match}`)} · ${read.serial}`}>
            <p>{read.match === 'elsewhere' ? t('scan.elsewhere', { site: read.site ?? '' }) : read.match === 'declared' ? [read.model, read.rack].filter(Boolean).join(' · ') : t(`scan.${read.match}`)}</p>
          </Note>
        )}
      </div>
      <Camera onCode={onCode} />
      <form id="serial" onSubmit={submit}>
        <Field label={t('scan.serial')}><input value={text} autoCapitalize="characters" autoComplete="off" spellCheck={false} maxLength={longest} required onChange={(event) => setText(event.currentTarget.value)} /></Field>
        <Field label={t('scan.rack')}><input value={rack} autoCapitalize="characters" autoComplete="off" onChange={(event) => setRack(event.currentTarget.value)} /></Field>
      </form>
      <div className="tallies">
        {(['declared', 'unknown', 'elsewhere', 'duplicate', 'absent'] as const).map((one) => (
          <div key={one}><b>{count[one]}</b><StateWord tone={one === 'absent' ? 'none' : tones[one]}>{t(`match.${one}`)}</StateWord></div>
        ))}
      </div>
      <h2>{t('scan.list')}</h2>
      {visit.serials.length === 0 && <p className="small">{t('scan.empty')}</p>}
      <ul className="list">
        {visit.serials.slice(-shown).reverse().map((one) => (
          <li key={one.event}>
            <div className="item">
              <div><span className="mono">{one.serial}</span><span className="small"><StateWord tone={tones[one.match]}>{t(`match.${one.match}`)}</StateWord> {one.rack}</span></div>
              <button type="button" className="quiet" onClick={() => undo(one.event, one.serial)}>{t('void')}<span className="hidden"> {one.serial}</span></button>
            </div>
          </li>
        ))}
      </ul>
    </Screen>
  );
}
