import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { api, ask, type Schemas } from '@shared/api/client';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import type { Noun } from '@shared/states';
import { State } from '@ui/State';
import { SearchIcon } from '@ui/icons';
import frame from './Frame.module.css';
import classes from './GlobalSearch.module.css';

type Kind = Schemas['FoundGroupWire']['kind'];
type Found = Schemas['FoundWire'];

const nouns: Partial<Record<Kind, Noun>> = { party: 'party', license: 'license', application: 'application', connection_point: 'connection', equipment: 'equipment' };
/** How long typing pauses before the search asks, in milliseconds. */
const PAUSE = 150;

const searchQuery = (q: string) => ({
  queryKey: ['search', q],
  queryFn: () => ask(api.GET('/v1/search', { params: { query: { q, limit: 5 } } })),
  enabled: q !== '',
  placeholderData: keepPreviousData,
  staleTime: 10_000,
});

/** The text after a pause in typing. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

function useOpen(): (kind: Kind, found: Found) => void {
  const navigate = useNavigate();
  return (kind, found) => {
    switch (kind) {
      case 'license':
        return void navigate({ to: '/licenses/$number', params: { number: found.number } });
      case 'application':
        return void navigate({ to: '/applications/$id', params: { id: found.id } });
      case 'connection_point':
        return void navigate({ to: '/grid', search: { node: found.number } });
      case 'equipment':
        return void navigate({ to: '/equipment/$id', params: { id: found.id } });
      case 'meter':
        return void navigate({ to: '/meters/$id', params: { id: found.id } });
      default:
        return void navigate({ to: '/parties/$id', params: { id: found.party ?? found.id } });
    }
  };
}

function Option({ kind, found, id, active, onPick }: { kind: Kind; found: Found; id: string; active: boolean; onPick: () => void }) {
  const { language } = useTexts();
  const name = (language === 'kk' ? found.name_kk || found.name_ru : found.name_ru || found.name_kk).trim();
  const noun = nouns[kind];
  const option = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) option.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div ref={option} id={id} role="option" aria-selected={active} className={classes.option} onMouseDown={(event) => event.preventDefault()} onClick={onPick}>
      <span className={classes.name}>{name || found.number}</span>
      {noun && found.state ? <State noun={noun} state={found.state} /> : null}
      <span className="mono small muted">{name ? found.number : ''}</span>
      {kind === 'site' || kind === 'party' ? <span className={`small muted ${classes.detail}`}>{found.detail}</span> : null}
    </div>
  );
}

/** The search of the bar: Ctrl K, type, arrows, Enter. It finds by name in any spelling, number, code and serial. */
export default function GlobalSearch() {
  const { t } = useTexts();
  const can = useCan();
  const navigate = useNavigate();
  const open = useOpen();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState(false);
  const [active, setActive] = useState(-1);
  const q = usePaused(typed.trim());
  const query = useQuery(searchQuery(q));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const groups = q === '' ? [] : (query.data?.groups ?? []);
  const options = groups.flatMap((group) => group.items.map((found) => ({ kind: group.kind, found })));
  const expanded = shown && q !== '' && typed.trim() !== '' && query.data !== undefined;
  const pick = (at: number) => {
    const option = options[at];
    if (!option) return;
    setShown(false);
    setTyped('');
    field.current?.blur();
    open(option.kind, option.found);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') setShown(false);
    if (!expanded || options.length === 0 || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    event.preventDefault();
    const step = event.key === 'ArrowDown' ? 1 : -1;
    setActive(active < 0 && step < 0 ? options.length - 1 : (active + step + options.length) % options.length);
  };
  const submit = () => {
    if (expanded && active >= 0) return pick(active);
    const text = typed.trim();
    if (text === '') return;
    if (can('party.read')) {
      setShown(false);
      void navigate({ to: '/register', search: { q: text } });
    } else if (expanded) pick(0);
  };
  const optionId = (at: number) => `${id}-${at}`;
  let at = -1;
  return (
    <form
      role="search"
      className={`${frame.search} ${classes.box}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <SearchIcon />
      <input
        ref={field}
        type="search"
        role="combobox"
        autoComplete="off"
        aria-label={t('frame.search')}
        aria-autocomplete="list"
        aria-expanded={expanded && options.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={expanded && active >= 0 ? optionId(active) : undefined}
        placeholder={t('frame.search')}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setActive(-1);
          setShown(true);
        }}
        onFocus={() => setShown(true)}
        onBlur={() => setShown(false)}
        onKeyDown={onKeyDown}
      />
      <kbd aria-hidden="true">Ctrl K</kbd>
      <div className={classes.panel} hidden={!expanded}>
        <div id={`${id}-list`} role="listbox" className={classes.list} aria-label={t('search.found')} hidden={options.length === 0}>
          {groups.map((group) => (
            <div key={group.kind} role="group" aria-label={t(`search.${group.kind}`)}>
              <p className={classes.kind} aria-hidden="true">
                {t(`search.${group.kind}`)}
                {group.more ? <span className="muted"> · {t('search.more', { count: group.items.length })}</span> : null}
              </p>
              {group.items.map((found) => {
                at += 1;
                const index = at;
                return <Option key={found.id} id={optionId(index)} kind={group.kind} found={found} active={index === active} onPick={() => pick(index)} />;
              })}
            </div>
          ))}
        </div>
        <p role="status" className={classes.status}>
          {expanded && options.length === 0 && !query.isFetching ? t('search.none') : ''}
        </p>
      </div>
    </form>
  );
}
