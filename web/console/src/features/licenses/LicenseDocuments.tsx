import { Button } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Table } from '@ui/Table';
import { Instant } from '@ui/values';
import type { License } from './api';

type Input = Schemas['DocumentInput'];

const documentsQuery = (license: string) =>
  queryOptions({
    queryKey: ['documents', { license }],
    queryFn: () => ask(api.GET('/v1/documents', { params: { query: { license, limit: 100 } } })),
  });

/** What can be put on paper for this license as it is now. */
function choices(license: License): { key: string; text: string; input: Input; appendix?: string }[] {
  const { number } = license;
  const inForce = license.state === 'active' || license.state === 'suspended';
  return [
    ...(inForce ? [{ key: 'license', text: 'document.kind.license', input: { kind: 'license', license: number } as const }] : []),
    ...(inForce ? license.sites.map(({ appendix }) => ({ key: appendix, text: 'document.makeAppendix', appendix, input: { kind: 'appendix', license: number, appendix } as const })) : []),
    ...(license.suspension ? [{ key: 'suspension', text: 'document.kind.suspension', input: { kind: 'suspension', license: number } as const }] : []),
  ];
}

/** The documents that were issued for a license, and a way to issue another. */
export function LicenseDocuments({ license }: { license: License }) {
  const { t } = useTexts();
  const can = useCan();
  const client = useQueryClient();
  const issued = useQuery(documentsQuery(license.number));
  const issue = useMutation({
    mutationFn: (body: Input) => ask(api.POST('/v1/documents', { params: { header: { 'Idempotency-Key': newKey() } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['documents'] }),
  });
  return (
    <Section title={t('document.title')}>
      {issue.error ? <ProblemNotice problem={asProblem(issue.error)} /> : null}
      <Loaded query={issued} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('document.none')}</p>
          ) : (
            <Table label={t('document.title')}>
              <thead>
                <tr>
                  <th scope="col">{t('document.number')}</th>
                  <th scope="col">{t('document.kind')}</th>
                  <th scope="col">{t('document.issuedAt')}</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((document) => (
                  <tr key={document.id}>
                    <td className="mono">
                      <a href={`/v1/documents/${encodeURIComponent(document.id)}/file`} aria-label={t('document.open', { number: document.number })}>{document.number}</a>
                    </td>
                    <td>{t(`document.kind.${document.kind}`)}</td>
                    <td><Instant at={document.created_at} /></td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
      {can('document.issue') ? (
        <div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 8, marginBlockStart: 12 }}>
          <span className="small muted">{t('document.make')}</span>
          {choices(license).map(({ key, text, appendix, input }) => (
            <Button key={key} size="xs" variant="default" loading={issue.isPending && issue.variables === input} disabled={issue.isPending} onClick={() => issue.mutate(input)}>
              {t(text, { appendix })}
            </Button>
          ))}
        </div>
      ) : null}
    </Section>
  );
}
