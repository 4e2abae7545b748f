import { asProblem, type ApiProblem } from '@shared/api/problem';
import { atRest, delayOf, next, unsaved, type AutosaveEvent, type AutosaveState } from './autosave';
import { answersOf, chosen, differences, type Answers } from './answers';
import type { Application } from './api';

/** What is kept on this device while the server does not have it. */
export interface Kept {
  /** The version that the answers were typed upon, and what it said. */
  version: number;
  base: Answers;
  answers: Answers;
  at: string;
}

/** What a box needs of the world. */
export interface BoxPorts {
  save: (answers: Answers, version: number) => Promise<Application>;
  load: () => Promise<Application>;
  keep: (kept: Kept | undefined) => void;
  now: () => Date;
  /** Calls back after so many milliseconds; gives the way to call it off. */
  later: (run: () => void, milliseconds: number) => () => void;
  onSaved: (application: Application) => void;
}

export interface BoxView {
  answers: Answers;
  auto: AutosaveState;
  savedAt: string | undefined;
  /** When the answers were typed that came back from this device. */
  restored: string | undefined;
  /** What somebody else saved meanwhile, while a choice is due. */
  theirs: Answers | undefined;
  /** What both sides began with. */
  base: Answers;
  problem: ApiProblem | undefined;
}

/** The answers of one application on this device: it keeps them, saves them and says truly how far that has come. */
export class DraftBox {
  private view: BoxView;
  private known: number;
  private readonly listeners = new Set<() => void>();
  private readonly ports: BoxPorts;
  private callOff: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor(application: Application, kept: Kept | undefined, ports: BoxPorts) {
    this.ports = ports;
    this.known = application.version;
    const answers = answersOf(application);
    this.view = { answers, base: answers, auto: atRest, savedAt: application.updated_at, restored: undefined, theirs: undefined, problem: undefined };
    if (!kept) return;
    if (differences(kept.answers, answers).length === 0) {
      ports.keep(undefined);
      return;
    }
    // With the version that it was typed upon, the save goes through; with an older one the server says conflict.
    this.known = kept.version;
    this.view = { ...this.view, answers: kept.answers, base: kept.base, restored: kept.at };
    this.step('edited');
  }

  /** The version of the application that the answers stand upon. */
  readonly version = (): number => this.known;
  readonly read = (): BoxView => this.view;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes what was typed. */
  edit(change: Partial<Answers>): void {
    this.show({ answers: { ...this.view.answers, ...change } });
    this.remember();
    this.step('edited');
  }

  /** Takes a newer version of the application where nothing typed stands against it. */
  adopt(application: Application): void {
    if (application.version <= this.known || unsaved(this.view.auto)) return;
    this.known = application.version;
    const answers = answersOf(application);
    const untouched = differences(answers, this.view.answers).length === 0;
    this.show({ answers: untouched ? this.view.answers : answers, base: answers, savedAt: application.updated_at });
  }

  /** Saves now; true once the server has everything. */
  async flush(): Promise<boolean> {
    if (this.view.auto.phase === 'offline' || this.view.auto.phase === 'refused' || this.view.auto.phase === 'signedOut') this.step('retry');
    for (let round = 0; round < 5 && (this.running || this.view.auto.phase === 'waiting'); round++) await (this.running ?? this.start());
    return !unsaved(this.view.auto);
  }

  /** Tries again after a failure, for example when the network is back. */
  retry(): void {
    this.step('retry');
  }

  /** Ends a conflict with what a person chose of both sides. */
  resolve(choice: Parameters<typeof chosen>[2]): void {
    const { theirs, answers } = this.view;
    if (!theirs) return;
    this.show({ answers: chosen(answers, theirs, choice), base: theirs, theirs: undefined });
    this.remember();
    this.step('resolved');
  }

  /** Forgets what came back from this device and takes what the server has. */
  async discard(): Promise<void> {
    const application = await this.ports.load();
    this.callOff?.();
    this.ports.keep(undefined);
    this.known = application.version;
    const answers = answersOf(application);
    this.show({ answers, base: answers, auto: atRest, savedAt: application.updated_at, restored: undefined, theirs: undefined, problem: undefined });
  }

  private show(change: Partial<BoxView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }

  private remember(): void {
    this.ports.keep({ version: this.known, base: this.view.base, answers: this.view.answers, at: this.ports.now().toISOString() });
  }

  private step(event: AutosaveEvent): void {
    const auto = next(this.view.auto, event);
    this.show({ auto });
    this.callOff?.();
    const delay = delayOf(auto);
    this.callOff = delay === undefined ? undefined : this.ports.later(() => void this.start(), delay);
  }

  private start(): Promise<void> {
    this.callOff?.();
    this.step('started');
    if (this.view.auto.phase !== 'saving' || this.running) return this.running ?? Promise.resolve();
    this.running = this.send().finally(() => (this.running = undefined));
    return this.running;
  }

  private async send(): Promise<void> {
    const sent = this.view.answers;
    try {
      const application = await this.ports.save(sent, this.known);
      this.known = application.version;
      this.show({ base: sent, savedAt: application.updated_at, problem: undefined });
      if (this.view.auto.more) this.remember();
      else this.ports.keep(undefined);
      this.step('saved');
      this.ports.onSaved(application);
    } catch (error) {
      await this.failed(asProblem(error));
    }
  }

  private async failed(problem: ApiProblem): Promise<void> {
    if (problem.status === 401) return this.step('signedOut');
    if (problem.status === 412) return this.compare();
    if (problem.status === 0 || problem.status === 429 || problem.status >= 500) return this.step('unreachable');
    this.show({ problem });
    this.step('refused');
  }

  /** Somebody saved meanwhile: where that touched nothing here it is taken in silence, else a person chooses. */
  private async compare(): Promise<void> {
    try {
      const application = await this.ports.load();
      this.known = application.version;
      const theirs = answersOf(application);
      const quiet = differences(theirs, this.view.base).length === 0 || differences(theirs, this.view.answers).length === 0;
      this.show(quiet ? { base: theirs } : { theirs });
      this.remember();
      this.step('conflict');
      if (quiet) this.step('resolved');
    } catch (error) {
      this.step(asProblem(error).status === 401 ? 'signedOut' : 'unreachable');
    }
  }
}
