import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Table } from '@ui/Table';
import { Kw } from '@ui/values';
import { licensesQuery, partyPages, type Party } from './api';
import { nameOf } from './names';

const route = getRouteApi('/register');

function MatchingLicenses({ q }: { q: string }) {
  const { t } = useTexts();
  const licenses = useQuery(licensesQuery(q));
  if (!licenses.data || licenses.data.items.length === 0) return null;
  return (
    <Section title={t('nav.licenses')}>
      <Table label={t('nav.licenses')}>
        <tbody>
          {licenses.data.items.map((license) => (
            <tr key={license.number}>
              <td><Link to="/licenses/$number" params={{ number: license.number }} className="mono">{license.number}</Link></td>
              <td>{license.holder_name}</td>
              <td><State noun="license" state={license.state} /></td>
              <td data-align="end"><Kw value={license.approved_kw} /></td>
            </tr>
          ))}
        </tbody>
      </Table>
      {licenses.data.next ? (
        <p className="small">
          {t('ui.list.cut', { count: licenses.data.items.length })}. <Link to="/licenses" search={{ q }}>{t('register.allLicenses')}</Link>
        </p>
      ) : null}
    </Section>
  );
}

/** The register: parties and licenses by number, BIN or name. */
export function Register() {
  const { t, language } = useTexts();
  const can = useCan();
  const { q } = route.useSearch();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const { query, more, busy } = usePages(partyPages(q));
  const onSearch = useCallback((text: string) => void navigate({ to: '/register', search: { q: text || undefined }, replace: true }), [navigate]);
  const name = (row: Party) => nameOf(row, language);
  const columns: Column<Party>[] = [
    { key: 'name', header: t('party.name'), cell: (row) => <Link to="/parties/$id" params={{ id: row.id ?? '' }} preload="intent">{name(row)}</Link> },
    { key: 'bin', header: t('party.bin'), cell: (row) => <span className="mono">{row.bin_or_iin}</span> },
    { key: 'kind', header: t('party.kind'), cell: (row) => t(`partyKind.${row.kind}`), from: 'wide' },
    { key: 'size', header: t('party.size'), cell: (row) => t(`partySize.${row.size}`), from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="party" state={row.state ?? 'active'} />, from: 'medium' },
  ];
  return (
    <Page title={t('register.title')} lead={t('register.lead')} action={can('party.write') ? <Button component={Link} to="/parties/new">{t('party.new')}</Button> : undefined}>
      <div style={{ maxWidth: 440, marginBlockEnd: 20 }}>
        <SearchBox label={t('register.search')} value={q ?? ''} onSearch={onSearch} inputRef={field} />
      </div>
      {q && can('license.read') ? <MatchingLicenses q={q} /> : null}
      <Section title={t('register.parties')} action={can('party.read_duplicates') ? <Link to="/parties/duplicates">{t('duplicate.title')}</Link> : null}>
        <Loaded query={query} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('ui.nothingFound')}>{t('register.nothingHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t('register.parties')}
                  columns={columns}
                  groups={[{ key: 'all', label: null, rows: data.items }]}
                  keyOf={(row) => row.id ?? row.bin_or_iin}
                  nameOf={name}
                  onOpen={(row) => void navigate({ to: '/parties/$id', params: { id: row.id ?? '' } })}
                  onSearch={() => field.current?.focus()}
                />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}
