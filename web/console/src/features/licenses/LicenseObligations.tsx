import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ask } from '@shared/api/client';
import { useTexts } from '@shared/i18n';
import { usePeriodText } from '@shared/period';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { State } from '@ui/State';
import { Table } from '@ui/Table';
import { LegalDate } from '@ui/values';

/** The obligations of a license as a section of a page, the next due ones first. */
export function LicenseObligations({ license }: { license: string }) {
  const { t, language } = useTexts();
  const period = usePeriodText();
  const query = useQuery({
    queryKey: ['obligations', 'of', license],
    queryFn: () => ask(api.GET('/v1/obligations', { params: { query: { license, limit: 200 } } })),
  });
  return (
    <Section title={t('obligation.title')} action={<Link to="/obligations" search={{ license, view: 'all' }}>{t('obligation.toAll')}</Link>}>
      <Loaded query={query} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('obligation.noneOfLicense')}</p>
          ) : (
            <Table label={t('obligation.title')}>
              <tbody>
                {data.items.slice(-8).map((row) => (
                  <tr key={row.id}>
                    <td>
                      <Link to="/obligations/$id" params={{ id: row.id }} preload={false}>
                        {{ kk: row.text_kk, ru: row.text_ru, en: row.text_en }[language]}
                      </Link>
                    </td>
                    <td className="num">{period(row)}</td>
                    <td><State noun="obligation" state={row.state} /></td>
                    <td data-align="end"><LegalDate date={row.due} /></td>
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
