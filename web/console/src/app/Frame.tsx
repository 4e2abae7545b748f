import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { forgetDrafts } from '@shared/drafts';
import { languages, type Language } from '@shared/format';
import { setLanguage, useTexts } from '@shared/i18n';
import { isPast, keyOf, useMoment } from '@shared/moment';
import { useSession } from '@shared/session';
import { signOut } from '@features/session/api';
import { IconButton, PlainButton } from '@ui/Buttons';
import { CollectorIcon, DocumentIcon, FindingIcon, GateIcon, GridIcon, LedgerIcon, LicenseIcon, LogIcon, MenuIcon, MoonIcon, OrderIcon, PauseIcon, PeopleIcon, QueueIcon, SunIcon } from '@ui/icons';
import { Clock } from './Clock';
import { navigationFor, type NavItem } from './nav';
import classes from './Frame.module.css';

const GlobalSearch = lazy(() => import('./GlobalSearch'));
const PastBand = lazy(() => import('@ui/PastBand'));

const icons: Record<NavItem['to'], () => React.ReactNode> = {
  '/applications': QueueIcon,
  '/obligations': LogIcon,
  '/tasks': QueueIcon,
  '/notices': DocumentIcon,
  '/tolling': PauseIcon,
  '/reference': LogIcon,
  '/licenses': LicenseIcon,
  '/register': PeopleIcon,
  '/equipment': CollectorIcon,
  '/documents': DocumentIcon,
  '/gate': GateIcon,
  '/gate/log': LogIcon,
  '/grid': GridIcon,
  '/findings': FindingIcon,
  '/cases': DocumentIcon,
  '/inspections': LogIcon,
  '/ledger': LedgerIcon,
  '/collectors': CollectorIcon,
  '/orders': OrderIcon,
  '/standing': PauseIcon,
  '/paper': LogIcon,
  '/reconciliation': FindingIcon,
  '/access': CollectorIcon,
  '/people': PeopleIcon,
  '/clients': CollectorIcon,
};
const languageNames: Record<Language, { short: string; full: string }> = {
  kk: { short: 'ҚАЗ', full: 'Қазақша' },
  ru: { short: 'РУС', full: 'Русский' },
  en: { short: 'ENG', full: 'English' },
};

/** The language switch: the page and what was typed stay. */
export function LanguageSwitch() {
  const { t, language } = useTexts();
  const client = useQueryClient();
  const choose = async (next: Language) => {
    await setLanguage(next);
    await client.invalidateQueries();
  };
  return (
    <div className={classes.languages} role="group" aria-label={t('frame.language')}>
      {languages.map((code) => (
        <button key={code} type="button" lang={code} aria-label={languageNames[code].full} aria-pressed={code === language} onClick={() => void choose(code)}>
          {languageNames[code].short}
        </button>
      ))}
    </div>
  );
}

/** Light or dark. */
export function SchemeSwitch() {
  const { t } = useTexts();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <IconButton label={t(scheme === 'dark' ? 'frame.light' : 'frame.dark')} onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
      {scheme === 'dark' ? <SunIcon /> : <MoonIcon />}
    </IconButton>
  );
}

function UserMenu() {
  const { t } = useTexts();
  const { user } = useSession();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const leave = async () => {
    await signOut();
    forgetDrafts();
    client.clear();
    window.location.assign('/app/');
  };
  return (
    <div className={classes.account} ref={box} onBlur={(event) => !box.current?.contains(event.relatedTarget) && setOpen(false)} onKeyDown={(event) => event.key === 'Escape' && setOpen(false)}>
      <button type="button" className={classes.user} aria-label={t('frame.account', { name: user.name })} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span>{user.name}</span>
        <span className="small muted">{user.roles.map((role) => t(`role.${role}`)).join(', ')}</span>
      </button>
      {open ? (
        <div className={classes.dropdown}>
          <p className="small muted">{user.login}</p>
          <PlainButton onClick={() => void leave()}>{t('frame.signOut')}</PlainButton>
        </div>
      ) : null}
    </div>
  );
}

/** The frame around every page: bar, rail, content. */
export function Frame() {
  const { t } = useTexts();
  const { permissions } = useSession();
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setOpen(false), [path]);
  const menu = navigationFor(permissions);
  const moment = useMoment();
  return (
    <div className={classes.frame}>
      <a href="#content" className={classes.skip}>
        {t('frame.skip')}
      </a>
      <header className={`${classes.bar} no-print`}>
        <IconButton className={classes.menu} size={36} label={t('frame.menu')} aria-expanded={open} onClick={() => setOpen(!open)}>
          <MenuIcon />
        </IconButton>
        <Link to="/" className={classes.brand}>
          Rigistry
        </Link>
        {permissions.includes('register.search') ? (
          <Suspense fallback={<span className={classes.gap} />}>
            <GlobalSearch />
          </Suspense>
        ) : (
          <span className={classes.gap} />
        )}
        <Clock />
        <LanguageSwitch />
        <SchemeSwitch />
        <UserMenu />
      </header>
      <nav className={`${classes.rail} no-print`} data-open={open || undefined} aria-label={t('frame.pages')}>
        {menu.map((section) => (
          <div key={section.text} className={classes.section}>
            <p>{t(section.text)}</p>
            {section.items.map((item) => {
              const Icon = icons[item.to];
              return (
                <Link key={item.to} to={item.to} className={classes.item} activeOptions={{ exact: item.to === '/gate', includeSearch: false }} preload="intent">
                  <Icon />
                  <span>{t(item.text)}</span>
                </Link>
              );
            })}
          </div>
        ))}
      </nav>
      {open ? <button type="button" className={classes.scrim} aria-label={t('ui.close')} onClick={() => setOpen(false)} /> : null}
      <main id="content" tabIndex={-1} className={classes.main}>
        {isPast(moment) ? (
          <Suspense fallback={null}>
            <PastBand />
          </Suspense>
        ) : null}
        <Outlet key={keyOf(moment)} />
      </main>
    </div>
  );
}
