import { type FormEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { t } from '../app/text';
import { Choices, Field, Note, Outcome, Screen } from '../app/ui';
import { go, useApp } from '../app/use';
import { sha256, type Signer } from '../outbox/event';

const signers: Signer[] = ['inspector', 'subject', 'witness'];

/** One signature on glass, or the note that it was refused. */
export function Sign({ open, rest }: VisitScreen) {
  const { person } = useApp();
  const who = signers.find((one) => one === rest[0]) ?? 'inspector';
  const { id, act } = open;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(false);
  const [way, setWay] = useState<'sign' | 'refuse'>('sign');
  const [blank, setBlank] = useState(false);
  // The other side reads the protocol before it signs; after it the visit can be finished.
  const onward = () => go('visit', id, who === 'subject' && open.visit.signed.has('inspector') ? 'finish' : 'protocol');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const value = (name: string) => String(data.get(name) ?? '').trim();
    if (way === 'refuse') {
      if (await act({ kind: 'signature.refused', body: { who, reason: value('reason') } })) onward();
      return;
    }
    if (!drawn) return setBlank(true);
    const image = await new Promise<Blob | null>((resolve) => canvas.current?.toBlob(resolve, 'image/png'));
    if (!image) return setBlank(true);
    const hash = await sha256(await image.arrayBuffer());
    const saved = await act({ kind: 'signature.made', body: { who, name: value('name'), role: value('role'), image_sha256: hash } }, undefined, { sha256: hash, type: 'image/png', inspection: id, data: image });
    if (saved) onward();
  };
  return (
    <Screen title={t(`sign.${who}`)} back={`#/visit/${id}/protocol`} foot={<button type="submit" form="sign">{t(way === 'sign' ? 'sign.save' : 'sign.saveRefusal')}</button>}>
      <Outcome open={open} />
      {who !== 'inspector' && <Choices label={t('sign.way')} options={[{ id: 'sign', text: t('sign.signs') }, { id: 'refuse', text: t('sign.refuses') }]} value={way} onChoose={setWay} />}
      <form id="sign" onSubmit={(event) => void submit(event)}>
        {way === 'sign' ? (
          <>
            <Field label={t('sign.name')}><input name="name" defaultValue={who === 'inspector' ? (person?.name ?? '') : ''} required /></Field>
            <Field label={t('sign.role')}><input name="role" defaultValue={who === 'inspector' ? t('sign.inspectorRole') : ''} required={who !== 'witness'} /></Field>
            <p className="label" id="glass">{t('sign.glass')}</p>
            <Glass canvas={canvas} onDraw={() => { setDrawn(true); setBlank(false); }} onClear={() => setDrawn(false)} />
            {blank && <Note tone="refuse" alert><p>{t('sign.blank')}</p></Note>}
            <p className="small">{t('sign.noHand')}</p>
          </>
        ) : (
          <Field label={t('sign.reason')} hint={t('sign.reasonHint')}><textarea name="reason" required /></Field>
        )}
      </form>
    </Screen>
  );
}

/** Paper under a finger: black on white in both themes, as it will be printed. */
function Glass({ canvas, onDraw, onClear }: { canvas: React.RefObject<HTMLCanvasElement | null>; onDraw: () => void; onClear: () => void }) {
  const drawing = useRef(false);
  const clear = () => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen) return;
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, element.width, element.height);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = 'round';
    pen.strokeStyle = '#10182b';
  };
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    element.width = element.clientWidth * 2;
    element.height = element.clientHeight * 2;
    clear();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the paper is laid
  }, []);
  const at = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return [(event.clientX - box.left) * 2, (event.clientY - box.top) * 2] as const;
  };
  const down = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = true;
    const pen = event.currentTarget.getContext('2d');
    pen?.beginPath();
    pen?.moveTo(...at(event));
  };
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!drawing.current) return;
    const pen = event.currentTarget.getContext('2d');
    pen?.lineTo(...at(event));
    pen?.stroke();
    onDraw();
  };
  const up = () => {
    drawing.current = false;
  };
  return (
    <>
      <canvas ref={canvas} className="glass" role="img" aria-labelledby="glass" onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} />
      <button type="button" className="quiet" onClick={() => { clear(); onClear(); }}>{t('sign.clear')}</button>
    </>
  );
}
