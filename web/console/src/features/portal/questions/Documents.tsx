import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { ProblemNotice } from '@ui/ProblemNotice';
import { attachmentsQuery, commands, fileAddress, requirementsQuery, tasksQuery, applicationQuery, type Attachment, type Requirement } from '../api';
import { fieldId } from '../questions';
import { accepted, digestOf, refusalOf, send } from '../upload';
import { useProblemText } from '../useProblems';
import classes from '../portal.module.css';
import type { QuestionProps } from './parts';

interface Upload {
  key: number;
  name: string;
  share: number;
  digest?: string | undefined;
  failure?: string;
  stop: AbortController;
}

/** The size of a file in words. */
function useSize() {
  const { t, language } = useTexts();
  return (bytes: number) => (bytes >= 1_048_576 ? t('portal.files.megabytes', { size: number(bytes / 1_048_576, 1, language) }) : t('portal.files.kilobytes', { size: number(Math.max(1, bytes / 1024), 0, language) }));
}

function FileLine({ id, file, removable }: { id: string; file: Attachment; removable: boolean }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const size = useSize();
  const remove = useMutation({
    mutationFn: () => commands.detach(id, file.id),
    onSuccess: () => client.invalidateQueries({ queryKey: applicationQuery(id).queryKey }),
  });
  return (
    <li className={classes.file}>
      <div className={classes.row}>
        <a href={fileAddress(id, file.id)} target="_blank" rel="noreferrer">
          {file.name}
        </a>
        <span className={classes.hint}>{size(file.bytes)}</span>
        {removable ? (
          <button type="button" className={classes.linkButton} disabled={remove.isPending} onClick={() => remove.mutate()} aria-label={t('portal.files.remove', { name: file.name })}>
            {t('portal.files.removeShort')}
          </button>
        ) : null}
      </div>
      <span className={classes.digest}>SHA-256 {file.sha256}</span>
      {remove.error ? <ProblemNotice problem={asProblem(remove.error)} /> : null}
    </li>
  );
}

/** One requirement with its files, and the ways to add one: choose, or drop. */
function Requirements({ id, requirement, files, removable, bad }: { id: string; requirement: Pick<Requirement, 'code' | 'legal_ref'> & { text: string; needed: boolean }; files: readonly Attachment[]; removable: boolean; bad: string | undefined }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const problemText = useProblemText();
  const field = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const serial = useRef(0);
  const running = useRef(new Set<AbortController>());
  useEffect(() => {
    const all = running.current;
    return () => all.forEach((stop) => stop.abort());
  }, []);
  const change = (key: number, part: Partial<Upload>) => setUploads((before) => before.map((one) => (one.key === key ? { ...one, ...part } : one)));

  const take = async (file: File) => {
    const key = ++serial.current;
    const stop = new AbortController();
    setUploads((before) => [...before.filter((one) => !one.failure), { key, name: file.name, share: 0, stop }]);
    const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
    const refusal = refusalOf(file.name, file.size, head);
    if (refusal) return change(key, { failure: t(`portal.files.refused.${refusal}`) });
    running.current.add(stop);
    try {
      const digest = await digestOf(file);
      change(key, { digest });
      const attachment = await send(id, requirement.code, file, (share) => change(key, { share }), stop.signal);
      if (digest && attachment.sha256 !== digest) return change(key, { failure: t('portal.files.damaged') });
      await client.invalidateQueries({ queryKey: attachmentsQuery(id).queryKey });
      await client.invalidateQueries({ queryKey: tasksQuery(id).queryKey });
      await client.invalidateQueries({ queryKey: applicationQuery(id).queryKey, exact: true });
      setUploads((before) => before.filter((one) => one.key !== key));
    } catch (error) {
      if (stop.signal.aborted) return setUploads((before) => before.filter((one) => one.key !== key));
      const problem = asProblem(error);
      const first = problem.fields[0];
      change(key, { failure: problem.status === 0 ? t('ui.problem.unreachableDetail') : first ? problemText({ ...first, pointer: '/file' }) : problem.detail });
    } finally {
      running.current.delete(stop);
    }
  };
  const takeAll = (list: FileList | null) => {
    for (const file of list ?? []) void take(file);
  };
  return (
    <section id={fieldId(`/documents/${requirement.code}`)} tabIndex={-1} className={classes.set} aria-label={requirement.text}>
      <div>
        <h2>{requirement.text}</h2>
        <span className={classes.law} lang="ru">{requirement.legal_ref}</span>
        {requirement.needed ? null : <span className={classes.hint}>{t('portal.optional')}</span>}
      </div>
      {bad ? <p className={classes.error}>{bad}</p> : null}
      {files.length > 0 ? (
        <ul className={classes.files}>
          {files.map((file) => (
            <FileLine key={file.id} id={id} file={file} removable={removable} />
          ))}
        </ul>
      ) : null}
      {uploads.length > 0 ? (
        <ul className={classes.files} aria-live="polite">
          {uploads.map((upload) => (
            <li key={upload.key} className={classes.file}>
              <div className={classes.row}>
                <span>{upload.name}</span>
                {upload.failure ? null : (
                  <>
                    <progress className={classes.progress} max={1} value={upload.share} aria-label={t('portal.files.sending', { name: upload.name })} />
                    <span className="num">{Math.round(upload.share * 100)} %</span>
                  </>
                )}
                <button type="button" className={classes.linkButton} onClick={() => (upload.failure ? setUploads((before) => before.filter((one) => one.key !== upload.key)) : upload.stop.abort())}>
                  {t(upload.failure ? 'ui.close' : 'ui.cancel')}
                </button>
              </div>
              {upload.failure ? <p className={classes.error}>{upload.failure}</p> : null}
              {upload.digest && !upload.failure ? <span className={classes.digest}>SHA-256 {upload.digest}</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {removable ? (
        <div
          className={classes.drop}
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            takeAll(event.dataTransfer.files);
          }}
        >
          <input
            ref={field}
            type="file"
            accept={accepted}
            multiple
            hidden
            data-requirement={requirement.code}
            onChange={(event) => {
              takeAll(event.currentTarget.files);
              event.currentTarget.value = '';
            }}
          />
          <Button variant="default" onClick={() => field.current?.click()} aria-label={t('portal.files.chooseFor', { name: requirement.text })}>
            {t('portal.files.choose')}
          </Button>
          <span className={classes.hint}>{t('portal.files.drop')}</span>
        </div>
      ) : null}
    </section>
  );
}

/** The documents, one part for each requirement that documents show. */
export function Documents({ application, answers, edit, bad, task }: QuestionProps) {
  const { t, language } = useTexts();
  const { user } = useSession();
  const all = useQuery(requirementsQuery);
  const attached = useQuery(attachmentsQuery(application.id));
  const files = attached.data?.items ?? [];
  const asked = (all.data?.items ?? []).filter((one) => one.sub_type === application.sub_type && (one.needs_file || files.some((file) => file.requirement === one.code)) && one.kinds.includes(application.kind));
  const clerk = !user.party || answers.paper;
  const wrong = bad('/documents');
  return (
    <>
      {wrong ? (
        <p id={fieldId('/documents')} tabIndex={-1} className={classes.error}>
          {wrong}
        </p>
      ) : null}
      {clerk ? <Checkbox size="md" label={t('portal.files.paper')} description={t('portal.files.paperHelp')} checked={answers.paper} onChange={(event) => edit({ paper: event.currentTarget.checked })} /> : null}
      <p className={classes.hint}>{t('portal.files.rules')}</p>
      {asked.map((one) => (
        <Requirements
          key={one.code}
          id={application.id}
          requirement={{ code: one.code, legal_ref: one.legal_ref, text: { kk: one.text_kk, ru: one.text_ru, en: one.text_en }[language], needed: one.needs_file && !answers.paper }}
          files={files.filter((file) => file.requirement === one.code)}
          removable
          bad={bad(`/documents/${one.code}`)}
        />
      ))}
      {task?.state === 'not_needed' ? <p>{t('portal.files.none')}</p> : null}
    </>
  );
}

/** What is attached, for reading only. */
export function Attached({ id }: { id: string }) {
  const { t } = useTexts();
  const attached = useQuery(attachmentsQuery(id));
  const files = attached.data?.items ?? [];
  if (files.length === 0) return <span className="muted">{t('portal.files.nothing')}</span>;
  return (
    <ul className={classes.files}>
      {files.map((file) => (
        <FileLine key={file.id} id={id} file={file} removable={false} />
      ))}
    </ul>
  );
}
