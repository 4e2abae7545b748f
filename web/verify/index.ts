export { instantOf, type Instant, parseInstant } from './form';
export { type Keys, readKeys } from './keys';
export { type Permit, type Verdict, verifyPermit } from './permit';
export { type Memory, type Seen, type Status, StatusList, StatusListError, verifyStatusList } from './status';
