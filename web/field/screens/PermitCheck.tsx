import { type FormEvent, useRef, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { packs, readMeta, serverNow, writeMeta } from '../app/core';
import { dateTime, t } from '../app/text';
import { Field, Mark, Note, Screen, type Tone } from '../app/ui';
import { Camera } from './Camera';

interface Result {
  tone: Tone;
  word: string;
  facts: [string, string][];
  why?: string;
}

/** Checks a permit's QR code with the keys and the status list of the pack alone. */
async function check(open: VisitScreen['open'], text: string): Promise<Result> {
  const { instantOf, readKeys, StatusList, StatusListError, verifyPermit } = await import('@verify');
  const { pack } = open;
  const signed = (await packs.list()) ?? pack;
  if (!signed.keys) return { tone: 'none', word: t('permit.unknown'), facts: [], why: t('permit.noKeys') };
  const keys = await readKeys(typeof signed.keys === 'string' ? signed.keys : JSON.stringify(signed.keys));
  const now = instantOf(serverNow());
  const verdict = await verifyPermit(text.trim(), keys, now);
  if (verdict.state === 'refused') return { tone: 'refuse', word: t('permit.refused'), facts: [], why: t('permit.refusedText') };
  const { value } = verdict;
  const moment = (at: bigint) => dateTime(Number(at / 1_000_000n));
  const facts: [string, string][] = [
    [t('permit.license'), value.license || '—'], [t('permit.point'), value.connectionPoint], [t('permit.max'), `${value.maxKw} ${t('unit.kW')}`],
    [t('permit.until'), moment(value.validUntil)], [t('permit.decided'), moment(value.decidedAt)],
  ];
  if (verdict.state === 'expired') return { tone: 'refuse', word: t('permit.expired'), facts };
  const foreign = pack.connection_points?.length && !pack.connection_points.some((cp) => cp.code === value.connectionPoint);
  if (!signed.status_list) return { tone: 'stop', word: t('permit.genuine'), facts, why: t('permit.noList') };
  const memory = {
    load: async () => (await readMeta<{ version: bigint; issuedAt: bigint }>('listSeen')) ?? null,
    save: (seen: { version: bigint; issuedAt: bigint }) => writeMeta('listSeen', seen),
  };
  try {
    const list = await StatusList.accept(signed.status_list, keys, now, memory);
    const said = list.license(value.license, now);
    facts.push([t('permit.listUntil'), moment(list.expiresAt)]);
    if (said === 'suspended' || said === 'revoked') return { tone: 'refuse', word: t(`permit.${said}`), facts };
    if (foreign) return { tone: 'refuse', word: t('permit.elsewhere'), facts, why: t('permit.elsewhereText') };
    // Use other than mining needs no license: the permit is good for that, and for no rig.
    if (value.license === '') return { tone: 'stop', word: t('permit.noLicense'), facts, why: t('permit.noLicenseText') };
    return said === 'valid' ? { tone: 'ok', word: t('permit.valid'), facts } : { tone: 'stop', word: t('permit.genuine'), facts, why: t('permit.notListed') };
  } catch (e) {
    if (!(e instanceof StatusListError)) throw e;
    return { tone: 'stop', word: t('permit.genuine'), facts, why: t(`permit.list.${e.kind}`) };
  }
}

export function PermitCheck({ open }: VisitScreen) {
  const [text, setText] = useState('');
  const [result, setResult] = useState<Result | null>(null);
  const seen = useRef('');
  const run = async (permit: string) => {
    try {
      setResult(await check(open, permit));
    } catch {
      setResult({ tone: 'none', word: t('permit.unknown'), facts: [], why: t('permit.broken') });
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void run(text);
  };
  return (
    <Screen title={t('permit.title')} back={`#/visit/${open.id}`} foot={<button type="submit" form="permit">{t('permit.check')}</button>}>
      <div aria-live="assertive">
        {result && (
          <Note tone={result.tone}>
            <p className="verdict" data-tone={result.tone}><Mark tone={result.tone} />{result.word}</p>
            {result.why && <p>{result.why}</p>}
            <dl>{result.facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
          </Note>
        )}
      </div>
      <p className="small">{t('permit.text')}</p>
      <Camera
        onCode={(code) => {
          if (code.text === seen.current) return;
          seen.current = code.text;
          void run(code.text);
        }}
      />
      <form id="permit" onSubmit={submit}>
        <Field label={t('permit.typed')}><textarea className="mono" value={text} spellCheck={false} required onChange={(event) => setText(event.currentTarget.value)} /></Field>
      </form>
    </Screen>
  );
}
