import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask } from './api/client';
import { asProblem } from './api/problem';

/** Tells whether a refusal asks for the password again; the request may be repeated after it. */
export const needsPassword = (problem: { code: string } | undefined): boolean => problem?.code === 'step_up_required';

/** Proves the password of who is signed in, then does again what was refused for it. The properties are those of ui/PasswordPrompt. */
export function useStepUp(again: () => void) {
  const client = useQueryClient();
  const prove = useMutation({
    mutationFn: (password: string) => ask(api.POST('/v1/session/step-up', { body: { password } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['session'] });
      again();
    },
  });
  const problem = prove.error ? asProblem(prove.error) : undefined;
  return { onPassword: (password: string) => prove.mutate(password), busy: prove.isPending, error: problem ? (problem.field('/password') ?? problem.detail) : undefined };
}
