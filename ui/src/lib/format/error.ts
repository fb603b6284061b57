/** What went wrong, in plain words. */
import { ApiError, type Problem } from '../api';
import { t } from '../i18n';
import { CONTENT_MAX } from '../limits';
import { lengthOf } from './length';

/** A failure as the screen shows it: the sentence, and the raw error behind “Details”. */
export interface Failure {
  readonly text: string;
  readonly details: string | null;
  readonly problem: Problem;
}

/** Words whatever was thrown. */
export function failureOf(cause: unknown): Failure {
  const { problem, details } = ApiError.from(cause);
  return { text: textOf(problem), details, problem };
}

function textOf(problem: Problem): string {
  switch (problem.kind) {
    case 'passphraseTooShort':
      return t('error.passphraseTooShort', problem);
    case 'profileFolder':
    case 'exportFile':
      return t(`error.${problem.kind}`, problem);
    case 'noSuchHost':
    case 'refused':
    case 'timedOut':
    case 'untrusted':
    case 'incompatible':
    case 'failing':
    case 'unreachable':
      return t(`error.${problem.kind}`, { host: problem.host });
    case 'clockOff':
      return t(problem.seconds > 0 ? 'error.clockFast' : 'error.clockSlow', {
        host: problem.host,
        time: lengthOf(problem.seconds),
      });
    case 'tooMany':
      return t('error.tooMany', { count: problem.seconds });
    case 'rejected':
      return t('error.rejected', problem);
    case 'otherAccount':
      return t('error.otherAccount', problem);
    case 'signedIn':
      return t('error.signedIn', problem);
    case 'tooLong':
      return t('error.tooLong', { max: CONTENT_MAX });
    default:
      return t(`error.${problem.kind}`);
  }
}

/** A certificate that no authority issued, and that somebody may trust. */
export type Untrusted = Extract<Problem, { kind: 'untrusted' }>;

/** That certificate, where trusting it would help. */
export function trustable({ problem }: Failure): Untrusted | null {
  return problem.kind === 'untrusted' && problem.helps ? problem : null;
}
