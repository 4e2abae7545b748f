import { Button, TextInput } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { present } from '@shared/search';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ChoiceFilter, WithFilters } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Facts, Identifier, Kw } from '@ui/values';
import { exportAddress, rigPages, type Rig } from './api';
import { Parts } from './Head';
import { rigStates, type EquipmentSearch, type RigState } from './search';
import classes from './equipment.module.css';

const route = getRouteApi('/equipment');

/** A text filter that tells its value on Enter or when it is left. */
function TextFilter({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string | undefined) => void }) {
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => setTyped(value ?? ''), [value]);
  const tell = () => {
    if (typed.trim() !== (value ?? '')) onChange(typed.trim() || undefined);
  };
  return <TextInput label={label} autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} onBlur={tell} onKeyDown={(event) => event.key === 'Enter' && tell()} />;
}

function Peek({ rig }: { rig: Rig }) {
  const { t } = useTexts();
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <State noun="equipment" state={rig.state} />
      <Facts
        facts={[
          { label: t('equipment.model'), value: `${rig.manufacturer} ${rig.model}` },
          { label: t('equipment.serial'), value: <Identifier value={rig.serial} /> },
          { label: t('equipment.owner'), value: rig.owner_name ?? '–' },
          { label: t('equipment.site'), value: rig.site_code ?? '–' },
          { label: t('equipment.license'), value: rig.license ?? '–' },
          { label: t('equipment.power'), value: <Kw value={rig.nameplate_kw} /> },
        ]}
      />
      <Button component={Link} to={`/equipment/${rig.id ?? ''}`}>
        {t('equipment.open')}
      </Button>
    </div>
  );
}

/** The register of rigs: found by serial number in any spelling, owner, site, license and state. */
export function Equipment() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const { query, more, busy } = usePages(rigPages(search));
  const to = useCallback((part: Partial<Record<keyof EquipmentSearch, string | undefined>>) => void navigate({ to: '/equipment', search: present({ ...search, ...part }) as EquipmentSearch, replace: true }), [navigate, search]);
  const onSearch = useCallback((q: string) => to({ q: q || undefined }), [to]);
  const filtered = Object.keys(search).length > 0;
  const columns: Column<Rig>[] = [
    { key: 'serial', header: t('equipment.serial'), cell: (row) => <Link to="/equipment/$id" params={{ id: row.id ?? '' }} className="mono" preload="intent">{row.serial}</Link> },
    { key: 'model', header: t('equipment.model'), cell: (row) => `${row.manufacturer} ${row.model}` },
    { key: 'owner', header: t('equipment.owner'), cell: (row) => row.owner_name ?? '–', from: 'medium' },
    { key: 'site', header: t('equipment.site'), cell: (row) => <span className="mono">{row.site_code ?? '–'}</span>, from: 'wide' },
    { key: 'license', header: t('equipment.license'), cell: (row) => (row.license ? <span className="mono">{row.license}</span> : '–'), from: 'huge' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="equipment" state={row.state} /> },
    { key: 'kw', header: t('equipment.power'), cell: (row) => <Kw value={row.nameplate_kw} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page
      title={t('equipment.title')}
      lead={t('equipment.lead')}
      action={
        <>
          <Button variant="default" component="a" href={exportAddress(search)} download="equipment.csv">
            {t('equipment.export')}
          </Button>
          {can('import.run') ? (
            <Button component={Link} to="/equipment/imports">
              {t('equipment.import')}
            </Button>
          ) : null}
        </>
      }
    >
      <Parts at="rigs" />
      <WithFilters
        filters={
          <div className={classes.filters}>
            <SearchBox label={t('equipment.bySerial')} value={search.q ?? ''} onSearch={onSearch} inputRef={field} />
            <TextFilter label={t('equipment.byOwner')} value={search.owner} onChange={(owner) => to({ owner })} />
            <TextFilter label={t('equipment.bySite')} value={search.site} onChange={(site) => to({ site })} />
            <TextFilter label={t('equipment.byLicense')} value={search.license} onChange={(license) => to({ license })} />
            <ChoiceFilter
              label={t('ui.state')}
              name="state"
              value={search.state ?? ''}
              choices={[{ value: '', label: t('ui.all') }, ...rigStates.map((state) => ({ value: state, label: <State noun="equipment" state={state} /> }))]}
              onChange={(state) => to({ state: (state || undefined) as RigState | undefined })}
            />
            {search.import ? (
              <Link to="/equipment" search={{ ...search, import: undefined }}>
                {t('equipment.notOnlyImport')}
              </Link>
            ) : null}
          </div>
        }
      >
        <Loaded query={query} rows={10}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t(filtered ? 'ui.nothingFound' : 'equipment.empty')}>{t(filtered ? 'equipment.nothingHelp' : 'equipment.emptyHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t('equipment.rigs')}
                  columns={columns}
                  groups={[{ key: 'all', label: null, rows: data.items }]}
                  keyOf={(row) => row.id ?? row.serial}
                  nameOf={(row) => row.serial}
                  onOpen={(row) => void navigate({ to: '/equipment/$id', params: { id: row.id ?? '' } })}
                  peek={(row) => <Peek rig={row} />}
                  onSearch={() => field.current?.focus()}
                />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </>
            )
          }
        </Loaded>
      </WithFilters>
    </Page>
  );
}
