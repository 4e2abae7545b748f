import type { ComponentProps } from 'react';
import { needsPassword, useStepUp } from '@shared/stepUp';
import { PasswordPrompt } from './PasswordPrompt';
import { ProblemNotice } from './ProblemNotice';

/** Why a command was refused; where only a fresh password is missing it asks for that and does the command again. */
export function Refusal({ problem, again }: { problem: ComponentProps<typeof ProblemNotice>['problem']; again: () => void }) {
  const proof = useStepUp(again);
  return needsPassword(problem) ? <PasswordPrompt {...proof} /> : <ProblemNotice problem={problem} />;
}
