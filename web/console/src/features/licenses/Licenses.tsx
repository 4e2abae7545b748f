import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { Button } from '@mantine/core';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Facts, Identifier, Instant, Kw } from '@ui/values';
import { licensePages, type License } from './api';
import { licenseStates } from './search';

const route = getRouteApi('/licenses');

function Peek({ license }: { license: License }) {
  const { t } = useTexts();
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <State noun="license" state={license.state} />
      <Facts
        facts={[
          { label: t('license.holder'), value: license.holder_name },
          { label: t('party.bin'), value: <Identifier value={license.holder_bin} /> },
          { label: t('license.approved'), value: <Kw value={license.approved_kw} /> },
          { label: t('license.validUntil'), value: <Instant at={license.valid_until} /> },
          { label: t('application.points'), value: license.sites.flatMap((site) => site.connection_points).join(', ') || '–' },
        ]}
      />
      <Button component={Link} to={`/licenses/${license.number}`}>
        {t('license.open')}
      </Button>
    </div>
  );
}

/** The licenses. */
export function Licenses() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const { query, more, busy } = usePages(licensePages(search.q, search.state));
  const quiet = useQuietRows(query.data?.items, (row) => row.number, `${search.q ?? ''}/${search.state ?? ''}/${query.data?.parts ?? 0}`);
  const onSearch = useCallback((q: string) => void navigate({ to: '/licenses', search: { ...search, q: q || undefined }, replace: true }), [navigate, search]);
  const columns: Column<License>[] = [
    { key: 'number', header: t('license.number'), cell: (row) => <Link to="/licenses/$number" params={{ number: row.number }} className="mono" preload="intent">{row.number}</Link>, width: '168px' },
    { key: 'holder', header: t('license.holder'), cell: (row) => row.holder_name },
    { key: 'bin', header: t('party.bin'), cell: (row) => <span className="mono">{row.holder_bin}</span>, from: 'wide' },
    { key: 'sub', header: t('application.subTypeShort'), cell: (row) => row.sub_type, from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="license" state={row.state} /> },
    { key: 'kw', header: t('license.approved'), cell: (row) => <Kw value={row.approved_kw} />, align: 'end', from: 'medium' },
    { key: 'until', header: t('license.validUntil'), cell: (row) => <Instant at={row.valid_until} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page title={t('licenses.title')} action={can('license.read_act') ? <Link to="/acts">{t('acts.waiting')}</Link> : undefined}>
      <Views label={t('ui.views')}>
        <Link to="/licenses" search={{ ...search, state: undefined }} aria-current={search.state ? undefined : 'page'} {...viewLink}>
          <ViewLabel text={t('ui.all')} count={search.state || query.data?.cut ? undefined : query.data?.items.length} />
        </Link>
        {licenseStates.map((state) => (
          <Link key={state} to="/licenses" search={{ ...search, state }} aria-current={search.state === state ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`state.license.${state}`)} count={query.data?.cut || (search.state && search.state !== state) ? undefined : query.data?.items.filter((row) => row.state === state).length} />
          </Link>
        ))}
      </Views>
      <div style={{ maxWidth: 360, marginBlockEnd: 12 }}>
        <SearchBox label={t('licenses.search')} value={search.q ?? ''} onSearch={onSearch} inputRef={field} />
      </div>
      <Loaded query={query} rows={10}>
        {() =>
          quiet.rows.length === 0 ? (
            <Empty title={t(search.q || search.state ? 'ui.nothingFound' : 'licenses.empty')}>{t(search.q || search.state ? 'ui.nothingFoundHelp' : 'licenses.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('licenses.title')}
                columns={columns}
                groups={[{ key: 'all', label: null, rows: quiet.rows }]}
                keyOf={(row) => row.number}
                nameOf={(row) => row.number}
                onOpen={(row) => void navigate({ to: '/licenses/$number', params: { number: row.number } })}
                peek={(row) => <Peek license={row} />}
                onSearch={() => field.current?.focus()}
                waiting={quiet.waiting}
                onShowWaiting={quiet.show}
              />
              <ListFoot shown={quiet.rows.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
