// What a visit has come to: its events in order, without those that a later one voided.
import { type Bodies, type Event, eventOf, type Kind, type Signer } from '../outbox/event';
import { type Pack, plainSerial } from './pack';

/** What stands, with the event that says it. */
export type Fact<K extends Kind> = Bodies[K] & { event: string; at: string };

export interface Visit {
  started: Fact<'visit.started'> | null;
  refusedAccess: Fact<'access.refused'> | null;
  answers: Map<string, Fact<'answer.set'>>;
  serials: Fact<'serial.scanned'>[];
  racks: Map<string, Fact<'rack.counted'>>;
  photos: Fact<'photo.taken'>[];
  readings: Fact<'reading.taken'>[];
  seals: (Fact<'seal.checked'> | Fact<'seal.applied'>)[];
  seized: Fact<'equipment.seized'>[];
  notes: Fact<'note.added'>[];
  signed: Map<Signer, Fact<'signature.made'> | Fact<'signature.refused'>>;
  finished: Fact<'visit.finished'> | null;
}

const empty = (): Visit => ({
  started: null, refusedAccess: null, answers: new Map(), serials: [], racks: new Map(), photos: [], readings: [], seals: [], seized: [], notes: [],
  signed: new Map(), finished: null,
});

/** Folds events in the order of their seq. */
export function fold(events: Event[]): Visit {
  const voided = new Set(events.flatMap((e) => (e.kind === 'event.voided' ? [e.body.event] : [])));
  const visit = empty();
  for (const event of events) if (!voided.has(event.id)) put(visit, event);
  return visit;
}

export const foldPayloads = (payloads: string[]): Visit => fold(payloads.map(eventOf));

function put(visit: Visit, event: Event): void {
  const { id, at } = event;
  const fact = <B>(body: B) => ({ ...body, event: id, at });
  switch (event.kind) {
    case 'visit.started':
      visit.started ??= fact(event.body);
      return;
    case 'access.refused':
      visit.refusedAccess = fact(event.body);
      return;
    case 'answer.set':
      visit.answers.set(event.body.question, fact(event.body));
      return;
    case 'serial.scanned':
      visit.serials.push(fact(event.body));
      return;
    case 'rack.counted':
      visit.racks.set(event.body.rack, fact(event.body));
      return;
    case 'photo.taken':
      visit.photos.push(fact(event.body));
      return;
    case 'reading.taken':
      visit.readings.push(fact(event.body));
      return;
    case 'seal.checked':
      visit.seals.push(fact(event.body));
      return;
    case 'seal.applied':
      visit.seals.push(fact(event.body));
      return;
    case 'equipment.seized':
      visit.seized.push(fact(event.body));
      return;
    case 'note.added':
      visit.notes.push(fact(event.body));
      return;
    case 'signature.made':
      visit.signed.set(event.body.who, fact(event.body));
      return;
    case 'signature.refused':
      visit.signed.set(event.body.who, fact(event.body));
      return;
    case 'visit.finished':
      visit.finished = fact(event.body);
      return;
    case 'event.voided':
      return;
  }
}

/** Serials that were seen, each once. */
export const seenSerials = (visit: Visit): Set<string> => new Set(visit.serials.map((one) => plainSerial(one.serial)));

/** How the serials of a visit stand to what was declared. */
export function tally(visit: Visit, pack: Pack): Record<'declared' | 'unknown' | 'duplicate' | 'elsewhere' | 'absent', number> {
  const count = (match: string) => visit.serials.filter((one) => one.match === match).length;
  const seen = seenSerials(visit);
  return {
    declared: count('declared'), unknown: count('unknown'), duplicate: count('duplicate'), elsewhere: count('elsewhere'),
    absent: (pack.declared ?? []).filter((rig) => !seen.has(plainSerial(rig.serial))).length,
  };
}

/** What still has to be done before a visit can be finished; part is the screen where. */
export type Lack = { part: 'start' } | { part: 'checklist'; question: string; section: number } | { part: 'photos'; shot: string } | { part: 'signatures'; who: Signer };

/** What a pack demands and the visit has not. Where access was refused, only the signatures are left to demand. */
export function lacks(visit: Visit, pack: Pack): Lack[] {
  const out: Lack[] = [];
  if (!visit.started && !visit.refusedAccess) out.push({ part: 'start' });
  if (!visit.refusedAccess) {
    (pack.checklist?.sections ?? []).forEach((section, i) => {
      for (const q of section.questions) if (q.required && !answered(visit, q.id, q.kind)) out.push({ part: 'checklist', question: q.id, section: i });
    });
    for (const shot of pack.shots ?? []) if (shot.required && !visit.photos.some((photo) => photo.shot === shot.id)) out.push({ part: 'photos', shot: shot.id });
  }
  for (const who of ['inspector', 'subject'] as const) if (!visit.signed.has(who)) out.push({ part: 'signatures', who });
  return out;
}

/** Whether a question has its answer; one that asks for a photo has it when there is a photo for it. */
export const answered = (visit: Visit, question: string, kind: string): boolean =>
  kind === 'photo' ? visit.photos.some((photo) => photo.shot === question) : visit.answers.has(question);
