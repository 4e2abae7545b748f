import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ChoiceFilter, WithFilters } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age } from '@ui/values';
import { alarmPages, type Alarm, type Position } from './api';
import { Parts } from './Head';

const route = getRouteApi('/equipment/alarms');

const place = (p: Position): string => [p.owner_name, p.site_code].filter(Boolean).join(', ') || '–';

/** Rigs claimed at two places. */
export function Alarms() {
  const { t } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(alarmPages(search));
  const columns: Column<Alarm>[] = [
    { key: 'serial', header: t('equipment.serial'), cell: (row) => <Link to="/equipment/alarms/$id" params={{ id: row.id }} className="mono" preload="intent">{row.second_rig.serial}</Link> },
    { key: 'model', header: t('equipment.model'), cell: (row) => `${row.second_rig.manufacturer} ${row.second_rig.model}`, from: 'wide' },
    { key: 'kind', header: t('equipment.alarmKind'), cell: (row) => t(`equipment.alarmKind.${row.kind}`), from: 'medium' },
    { key: 'first', header: t('equipment.first'), cell: (row) => place(row.first) },
    { key: 'second', header: t('equipment.second'), cell: (row) => place(row.second) },
    { key: 'state', header: t('ui.state'), cell: (row) => (row.outcome ? t(`equipment.outcome.${row.outcome}`) : <State noun="alarm" state={row.state} />), from: 'medium' },
    { key: 'age', header: t('equipment.age'), cell: (row) => <Age at={row.opened_at} />, align: 'end' },
  ];
  return (
    <Page title={t('equipment.alarmsTitle')} lead={t('equipment.alarmsLead')}>
      <Parts at="alarms" />
      <WithFilters
        filters={
          <ChoiceFilter
            label={t('ui.state')}
            name="state"
            value={search.state ?? 'open'}
            choices={(['open', 'resolved', 'all'] as const).map((state) => ({ value: state, label: state === 'all' ? t('ui.all') : <State noun="alarm" state={state} /> }))}
            onChange={(state) => void navigate({ to: '/equipment/alarms', search: state === 'resolved' || state === 'all' ? { state } : {}, replace: true })}
          />
        }
      >
        <Loaded query={query} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('equipment.noAlarms')}>{t('equipment.noAlarmsHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t('equipment.alarmsTitle')}
                  columns={columns}
                  groups={[{ key: 'all', label: null, rows: data.items }]}
                  keyOf={(row) => row.id}
                  nameOf={(row) => row.second_rig.serial}
                  onOpen={(row) => void navigate({ to: '/equipment/alarms/$id', params: { id: row.id } })}
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
