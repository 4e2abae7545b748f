import { useTexts } from '@shared/i18n';
import { Failure } from './states';

interface ProblemLike {
  status: number;
  code: string;
  detail: string;
  original?: string;
  requestId: string;
  fields: readonly { detail?: string | undefined }[];
}

/** A refusal or failure in words: the server's own where it gave some. */
export function ProblemNotice({ problem, title, onRetry }: { problem: ProblemLike; title?: string; onRetry?: (() => void) | undefined }) {
  const { t } = useTexts();
  const kind = problem.status === 0 ? 'unreachable' : problem.status === 403 ? 'forbidden' : problem.status === 404 ? 'notFound' : problem.status === 412 ? 'changed' : problem.status >= 500 ? 'failed' : 'refused';
  const detail = problem.status === 0 ? t('ui.problem.unreachableDetail') : problem.detail;
  return (
    <Failure
      title={title ?? t(`ui.problem.${kind}`)}
      detail={detail}
      original={problem.original}
      trace={problem.requestId || undefined}
      items={problem.fields.flatMap((field) => (field.detail ? [field.detail] : []))}
      onRetry={onRetry}
    />
  );
}
