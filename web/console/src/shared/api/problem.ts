/** RFC 9457 problem documents as the API sends them. */

export interface FieldProblem {
  pointer?: string;
  code?: string;
  detail?: string;
}

export interface ProblemDocument {
  type?: string;
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  request_id?: string;
  errors?: FieldProblem[] | null;
}

/** What the API refused, or that it could not be reached (status 0). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The server's own English sentence, where detail is a translation. */
  readonly original: string;
  readonly requestId: string;
  readonly fields: readonly FieldProblem[];

  constructor(document: ProblemDocument, status: number, original = '') {
    super(document.detail ?? document.title ?? `HTTP ${status}`);
    this.name = 'ApiProblem';
    this.status = document.status ?? status;
    this.code = document.code ?? '';
    this.detail = document.detail ?? document.title ?? '';
    this.original = original;
    this.requestId = document.request_id ?? '';
    this.fields = document.errors ?? [];
  }

  /** The text for one field by its JSON Pointer, whatever the prefix the server puts before it. */
  field(pointer: string): string | undefined {
    return this.fields.find((field) => (field.pointer ?? '').replace(/^#?(\/body)?/, '') === pointer)?.detail;
  }
}

function isDocument(value: unknown): value is ProblemDocument {
  return typeof value === 'object' && value !== null;
}

/**
 * The problem in an error answer's body. The server writes its sentences in English; translate gives the text of
 * the page's language for a code, or undefined where there is none; the server's own sentence goes along, because it says more.
 */
export function problemOf(body: unknown, status: number, translate: (key: string) => string | undefined = () => undefined): ApiProblem {
  const document = isDocument(body) ? body : {};
  const detail = translate(document.code ?? '');
  return new ApiProblem(
    {
      ...document,
      ...(detail ? { detail } : {}),
      errors: (document.errors ?? []).map((field) => ({ ...field, detail: translate(`field.${field.code ?? ''}`) ?? field.detail ?? '' })),
    },
    status,
    detail ? (document.detail ?? '') : '',
  );
}

/** Any thrown thing as a problem: a failed fetch has status 0. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({ code: 'unreachable', detail: error instanceof Error ? error.message : '' }, 0);
}
