import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Table } from '@ui/Table';
import { TableInput, type MappedRow } from '@ui/TableInput';
import { Callout, Empty } from '@ui/states';
import { Instant, LegalDate } from '@ui/values';
import { commands, useCommand, weatherPlacesQuery, weatherQuery, type WeatherPlace } from './api';
import { daysOf, weatherOf } from './weather';
import classes from './Rules.module.css';

const route = getRouteApi('/findings/weather');

const fields = [
  { name: 'at', needed: true, words: ['timestamp', 'time', 'instant', 'время', 'дата', 'уақыт'] },
  { name: 'celsius', needed: true, words: ['temp_c', 'temperature', 'temp', 't', 'температура'] },
  { name: 'place', words: ['kato', 'station', 'region', 'като', 'место', 'регион', 'орын', 'өңір'] },
] as const;

/** A place in words: the name of a region beside its code. */
function usePlaceName() {
  const { t, has } = useTexts();
  return (place: string) => (has(`region.${place}`) ? `${t(`region.${place}`)} (${place})` : place);
}

/** The last days of a place: the lowest, mean and highest of each. */
function Days({ place }: { place: string }) {
  const { t, language } = useTexts();
  const name = usePlaceName();
  const query = useQuery(weatherQuery(place));
  const degrees = (value: number) => `${number(value, 1, language)} °C`;
  return (
    <Section title={t('rules.weather.days', { place: name(place) })}>
      <Loaded query={query} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t('rules.weather.noDays')}</p>
          ) : (
            <Table label={t('rules.weather.days', { place: name(place) })}>
              <thead>
                <tr>
                  <th>{t('rules.weather.day')}</th>
                  <th data-align="end">{t('rules.weather.lowest')}</th>
                  <th data-align="end">{t('rules.weather.mean')}</th>
                  <th data-align="end">{t('rules.weather.highest')}</th>
                  <th data-align="end">{t('rules.weather.readings')}</th>
                </tr>
              </thead>
              <tbody>
                {daysOf(items).map((day) => (
                  <tr key={day.date}>
                    <td><LegalDate date={day.date} /></td>
                    <td data-align="end" className="num">{degrees(day.lowest)}</td>
                    <td data-align="end" className="num">{degrees(day.mean)}</td>
                    <td data-align="end" className="num">{degrees(day.highest)}</td>
                    <td data-align="end" className="num">{day.count}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

function Places({ items }: { items: readonly WeatherPlace[] }) {
  const { t } = useTexts();
  const name = usePlaceName();
  if (items.length === 0) return <Empty heading="h2" title={t('rules.weather.none')}>{t('rules.weather.noneHelp')}</Empty>;
  return (
    <Table label={t('rules.weather.places')}>
      <thead>
        <tr>
          <th>{t('rules.weather.place')}</th>
          <th>{t('rules.weather.source')}</th>
          <th data-align="end">{t('rules.weather.readings')}</th>
          <th data-align="end">{t('rules.weather.substations')}</th>
          <th data-align="end">{t('rules.weather.last')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.place}>
            <td><Link to="/findings/weather" search={{ place: one.place }} replace resetScroll={false}>{name(one.place)}</Link></td>
            <td>{one.source}</td>
            <td data-align="end" className="num">{one.readings}</td>
            <td data-align="end" className="num">{one.substations.length}</td>
            <td data-align="end"><Instant at={one.last} /></td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** A file of temperatures: what is read of it, what is wrong with it, and what became of it. */
function Tell() {
  const { t } = useTexts();
  const [rows, setRows] = useState<MappedRow[]>([]);
  const [place, setPlace] = useState('');
  const [source, setSource] = useState('');
  const send = useCommand(commands.tellWeather);
  const problem = send.error ? asProblem(send.error) : undefined;
  const { readings, wrong } = weatherOf(rows, place.trim());
  return (
    <Section title={t('rules.weather.tell')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate({ source: source.trim(), readings });
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        {send.data ? <div role="status"><Callout tone="ok">{t('rules.weather.told', { fresh: send.data.new, corrected: send.data.corrected, same: send.data.same })}</Callout></div> : null}
        <p className="small muted">{t('rules.weather.tellHelp')}</p>
        <TableInput fields={fields} texts="rules.weather.field" onRows={(next) => { setRows(next); send.reset(); }} />
        <TextInput label={t('rules.weather.placeOfAll')} description={t('rules.weather.placeHelp')} autoComplete="off" maxLength={64} value={place} onChange={(event) => setPlace(event.currentTarget.value)} />
        <TextInput label={t('rules.weather.source')} description={t('rules.weather.sourceHelp')} autoComplete="off" maxLength={64} value={source} onChange={(event) => setSource(event.currentTarget.value)} />
        {wrong.length > 0 ? <p role="alert">{t('rules.weather.wrong', { lines: wrong.slice(0, 10).join(', '), count: wrong.length })}</p> : null}
        <div className={classes.buttons}>
          <Button type="submit" disabled={readings.length === 0 || wrong.length > 0 || source.trim() === ''} loading={send.isPending}>{t('rules.weather.send', { count: readings.length })}</Button>
        </div>
      </form>
    </Section>
  );
}

/** The outdoor temperatures that tell heating from rigs: of which places they are known, and the way to tell them. */
export function WeatherPage() {
  const { t } = useTexts();
  const { place } = route.useSearch();
  const query = useQuery(weatherPlacesQuery);
  const shown = place ?? [...(query.data?.items ?? [])].sort((a, b) => b.substations.length - a.substations.length)[0]?.place;
  return (
    <Page title={t('rules.weather')} lead={t('rules.weather.lead')} back={<Link to="/findings/rules"><BackLabel>{t('rules.title')}</BackLabel></Link>}>
      <Loaded query={query} rows={4}>
        {(data) => (
          <>
            {data.without.length > 0 ? <Callout tone="wait" title={t('rules.weather.without', { count: data.without.length })}>{data.without.slice(0, 20).join(', ')}</Callout> : null}
            <Places items={data.items} />
            {shown ? <Days place={shown} /> : null}
            {data.allowed.includes('tell') ? <Tell /> : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}
