import { beforeEach, describe, expect, it } from 'vitest';
import { ApiProblem } from '@shared/api/problem';
import { answersOf, type Answers } from './answers';
import type { Application } from './api';
import { DraftBox, type Kept } from './draftBox';

const application = (version: number, change: Partial<Application> = {}): Application =>
  ({ kind: 'issue', sub_type: 'I', language: 'kk', supply_basis: '', documents: 'attached', sites: [], equipment: [], fee_paid_kzt: 0, fee_document: '', note: '', version, updated_at: `2026-11-22T07:00:0${version}Z`, ...change }) as unknown as Application;

/** A server with one application, and a clock that a test turns by hand. */
class World {
  server = application(1);
  fail: ApiProblem | undefined;
  kept: Kept | undefined;
  saves: { answers: Answers; version: number }[] = [];
  timers: { run: () => void; milliseconds: number; off: boolean }[] = [];

  box(from = this.server, kept?: Kept): DraftBox {
    this.kept = kept;
    return new DraftBox(from, kept, {
      save: async (answers, version) => {
        this.saves.push({ answers, version });
        await Promise.resolve();
        if (this.fail) throw this.fail;
        if (version !== this.server.version) throw new ApiProblem({ code: 'version_conflict' }, 412);
        this.server = application(version + 1, { note: answers.note, fee_document: answers.feeDocument });
        return this.server;
      },
      load: () => Promise.resolve(this.server),
      keep: (kept_) => (this.kept = kept_),
      now: () => new Date('2026-11-22T07:00:00Z'),
      later: (run, milliseconds) => {
        const timer = { run, milliseconds, off: false };
        this.timers.push(timer);
        return () => (timer.off = true);
      },
      onSaved: () => undefined,
    });
  }
  /** The delay that is waited for, if any. */
  get waits() {
    return this.timers.filter((timer) => !timer.off).at(-1)?.milliseconds;
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

describe('what is typed', () => {
  it('is kept here at once, goes out after a pause, and is forgotten here once the server has it', async () => {
    const box = world.box();
    box.edit({ note: 'a' });
    expect([box.read().auto.phase, world.kept?.answers.note, world.waits]).toEqual(['waiting', 'a', 800]);
    expect(await box.flush()).toBe(true);
    expect([box.read().auto.phase, world.server.note, world.kept, box.version()]).toEqual(['saved', 'a', undefined, 2]);
  });
  it('while a save is on its way goes out after it, upon the new version', async () => {
    const box = world.box();
    box.edit({ note: 'a' });
    const first = box.flush();
    box.edit({ note: 'ab' });
    expect(await first).toBe(true);
    expect(world.saves.map((save) => [save.answers.note, save.version])).toEqual([['a', 1], ['ab', 2]]);
    expect(world.server.note).toBe('ab');
  });
  it('survives a lost network: it stays here, is tried again later, and goes out when the network is back', async () => {
    const box = world.box();
    world.fail = new ApiProblem({ code: 'unreachable' }, 0);
    box.edit({ note: 'a' });
    expect(await box.flush()).toBe(false);
    expect([box.read().auto.phase, world.kept?.answers.note, world.waits]).toEqual(['offline', 'a', 2000]);
    world.fail = undefined;
    expect(await box.flush()).toBe(true);
    expect([world.server.note, world.kept]).toEqual(['a', undefined]);
  });
  it('survives the end of the session and goes out after the sign-in', async () => {
    const box = world.box();
    world.fail = new ApiProblem({ code: 'unauthenticated' }, 401);
    box.edit({ note: 'a' });
    expect(await box.flush()).toBe(false);
    expect([box.read().auto.phase, world.kept?.answers.note]).toEqual(['signedOut', 'a']);
    world.fail = undefined;
    box.retry();
    expect(await box.flush()).toBe(true);
  });
  it('that the server refuses stays here with the reason', async () => {
    const box = world.box();
    world.fail = new ApiProblem({ code: 'invalid', detail: 'Too long.' }, 422);
    box.edit({ note: 'a' });
    expect(await box.flush()).toBe(false);
    expect([box.read().auto.phase, box.read().problem?.detail, world.kept?.answers.note]).toEqual(['refused', 'Too long.', 'a']);
  });
});

describe('after a reload', () => {
  const base = answersOf(application(1));
  it('what was kept comes back and goes out', async () => {
    const box = world.box(world.server, { version: 1, base, answers: { ...base, note: 'kept' }, at: '2026-11-22T06:00:00Z' });
    expect([box.read().answers.note, box.read().restored, box.read().auto.phase]).toEqual(['kept', '2026-11-22T06:00:00Z', 'waiting']);
    expect(await box.flush()).toBe(true);
    expect(world.server.note).toBe('kept');
  });
  it('what the server has already is not brought back', () => {
    const box = world.box(application(2, { note: 'kept' }), { version: 1, base, answers: { ...base, note: 'kept' }, at: '2026-11-22T06:00:00Z' });
    expect([box.read().restored, box.read().auto.phase, world.kept]).toEqual([undefined, 'saved', undefined]);
  });
  it('can be given up for what the server has', async () => {
    const box = world.box(world.server, { version: 1, base, answers: { ...base, note: 'kept' }, at: '2026-11-22T06:00:00Z' });
    await box.discard();
    expect([box.read().answers.note, box.read().restored, box.read().auto.phase, world.kept]).toEqual(['', undefined, 'saved', undefined]);
  });
});

describe('when somebody else saved meanwhile', () => {
  it('both versions are shown, nothing is overwritten, and what is chosen goes out', async () => {
    const box = world.box();
    world.server = application(5, { note: 'theirs', fee_document: 'PP-9' });
    box.edit({ note: 'mine' });
    expect(await box.flush()).toBe(false);
    expect([box.read().auto.phase, box.read().theirs?.note, box.read().answers.note, world.server.note]).toEqual(['conflict', 'theirs', 'mine', 'theirs']);
    box.resolve({ note: 'mine', feeDocument: 'theirs' });
    expect(await box.flush()).toBe(true);
    expect([world.server.note, world.server.fee_document, box.version()]).toEqual(['mine', 'PP-9', 6]);
  });
  it('and it touched nothing that is answered here, it goes out without a question', async () => {
    const box = world.box();
    world.server = application(5);
    box.edit({ note: 'mine' });
    expect(await box.flush()).toBe(true);
    expect([world.server.note, box.read().theirs]).toEqual(['mine', undefined]);
  });
});
