import { Button } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTexts } from '@shared/i18n';
import { BackLabel } from '@ui/Page';
import classes from './portal.module.css';

interface PageProps {
  title: string;
  /** Above the title: which part of which application. */
  caption?: React.ReactNode;
  back?: React.ReactNode;
  lead?: React.ReactNode;
  /** Beside the content where there is room, below it where there is not. */
  aside?: React.ReactNode;
  /** Something on the page must be put right: the title of the window says so first. */
  faulty?: boolean;
  children: React.ReactNode;
}

/** A page of the portal: larger type, one thing a page. The focus goes to its heading, so that it is read out. */
export function PortalPage({ title, caption, back, lead, aside, faulty = false, children }: PageProps) {
  const { t } = useTexts();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${faulty ? `${t('portal.error.prefix')}: ` : ''}${title} · Rigistry`;
  }, [title, faulty, t]);
  useLayoutEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={classes.page}>
      {back ? <nav className={`${classes.back} no-print`}>{back}</nav> : null}
      <div className={classes.columns} data-aside={aside ? true : undefined}>
        <div className={classes.content}>
          <header className={classes.head}>
            {caption ? <p className={classes.caption}>{caption}</p> : null}
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {lead ? <div className={classes.lead}>{lead}</div> : null}
          </header>
          {children}
        </div>
        {aside ? <aside className={classes.aside}>{aside}</aside> : null}
      </div>
    </div>
  );
}

/** A link back; its text is given. */
export function Back({ children }: { children: React.ReactNode }) {
  return <BackLabel>{children}</BackLabel>;
}

export interface SummaryItem {
  text: string;
  onOpen: () => void;
}

/** What must be put right, at the top, with the focus on it; each line leads to its field. */
export function ErrorSummary({ items, title }: { items: readonly SummaryItem[]; title?: string }) {
  const { t } = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const key = items.map((item) => item.text).join('|');
  useEffect(() => {
    box.current?.focus();
  }, [key]);
  if (items.length === 0) return null;
  return (
    <div ref={box} tabIndex={-1} role="alert" className={classes.summary}>
      <h2>{title ?? t('portal.error.title')}</h2>
      <ul>
        {items.map((item, index) => (
          <li key={index}>
            <button type="button" className={classes.linkButton} onClick={item.onOpen}>
              {item.text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The foot of a question: go on, or leave it for later. */
export function Foot({ busy, label, later, children }: { busy: boolean; label: string; later?: React.ReactNode; children?: React.ReactNode }) {
  return (
    <div className={`${classes.foot} no-print`}>
      <Button type="submit" size="md" loading={busy}>
        {label}
      </Button>
      {later}
      {children}
    </div>
  );
}

/** A list of names and values, each with a link to change it. */
export function Summary({ children }: { children: React.ReactNode }) {
  return <dl className={classes.answers}>{children}</dl>;
}

export function SummaryRow({ name, children, change }: { name: string; children: React.ReactNode; change?: React.ReactNode }) {
  return (
    <div className={classes.answer}>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {change ? <dd className={`${classes.change} no-print`}>{change}</dd> : null}
    </div>
  );
}
