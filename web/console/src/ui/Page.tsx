import { useEffect } from 'react';
import { isPast, useMoment } from '@shared/moment';
import { AsAtButton } from './AsAtButton';
import { BackIcon } from './icons';
import classes from './Page.module.css';

interface PageProps {
  title: string;
  /** The way back up, a link. */
  back?: React.ReactNode;
  /** The primary act, at the right of the title. */
  action?: React.ReactNode;
  /** One line below the title. */
  lead?: React.ReactNode;
  children: React.ReactNode;
  width?: 'full' | 'reading';
}

/** A page: where it stands, what it is about, and its one primary act. */
export function Page({ title, back, action, lead, children, width = 'full' }: PageProps) {
  const past = isPast(useMoment());
  useEffect(() => {
    document.title = `${title} · Rigistry`;
  }, [title]);
  return (
    <div className={classes.page} data-width={width}>
      {back ? <nav className={classes.back}>{back}</nav> : null}
      <header className={classes.head}>
        <div>
          <h1>{title}</h1>
          {lead ? <div className={classes.lead}>{lead}</div> : null}
        </div>
        <div className={classes.action}>
          {past ? null : action}
          <AsAtButton />
        </div>
      </header>
      {children}
    </div>
  );
}

/** The content of a back link. */
export function BackLabel({ children }: { children: React.ReactNode }) {
  return (
    <span className={classes.backLabel}>
      <BackIcon />
      {children}
    </span>
  );
}

interface ObjectHeaderProps {
  kind: string;
  number: React.ReactNode;
  title: string;
  state: React.ReactNode;
  subtitle?: React.ReactNode;
  facts: React.ReactNode;
  action?: React.ReactNode;
  back?: React.ReactNode;
  aside?: React.ReactNode;
}

/** The header of an object page: number, state, holder and a few facts; the primary act at the right. */
export function ObjectHeader({ kind, number, title, state, subtitle, facts, action, back, aside }: ObjectHeaderProps) {
  const past = isPast(useMoment());
  useEffect(() => {
    document.title = `${title} · Rigistry`;
  }, [title]);
  return (
    <header className={classes.object}>
      {back ? <nav className={classes.back}>{back}</nav> : null}
      <div className={classes.objectTop}>
        <div className={classes.objectName}>
          <p className="small muted">{kind}</p>
          <h1>{number}</h1>
          <div className={classes.subtitle}>
            {state}
            {subtitle}
          </div>
        </div>
        {aside}
        <div className={classes.action}>
          {past ? null : action}
          <AsAtButton />
        </div>
      </div>
      <div className={classes.objectFacts}>{facts}</div>
    </header>
  );
}

/** One column of content and one of facts. */
export function Columns({ children, facts }: { children: React.ReactNode; facts: React.ReactNode }) {
  return (
    <div className={classes.columns}>
      <div className={classes.content}>{children}</div>
      <aside className={classes.facts}>{facts}</aside>
    </div>
  );
}

/** A part of a page under a heading and a hairline. */
export function Section({ title, note, action, children, id }: { title: string; note?: React.ReactNode; action?: React.ReactNode; children: React.ReactNode; id?: string }) {
  return (
    <section className={classes.section} id={id}>
      <div className={classes.sectionHead}>
        <h2>{title}</h2>
        {note ? <div className="muted small">{note}</div> : null}
        {action ? <div className={classes.sectionAction}>{action}</div> : null}
      </div>
      {children}
    </section>
  );
}

/** A sticky foot with what can be done, for reviews and forms; nothing can be done in the past. */
export function Actions({ children, note }: { children: React.ReactNode; note?: React.ReactNode }) {
  const past = isPast(useMoment());
  if (past) return null;
  return (
    <div className={`${classes.actions} no-print`}>
      {note ? <div className="muted small">{note}</div> : null}
      <div className={classes.actionsRow}>{children}</div>
    </div>
  );
}
