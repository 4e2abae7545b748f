import { expect, it } from 'vitest';
import { failureOf } from './failure';

it.each([
  ['tcp://10.0.0.7:502 unit 2, function 3, registers 2999 to 3110: no answer within 1s', { kind: 'timeout' }],
  ['tcp://10.0.0.7:502: no connection: dial tcp 10.0.0.7:502: connect: connection refused', { kind: 'refused' }],
  ['tcp://10.0.0.7:502: no connection: dial tcp 10.0.0.7:502: connect: no route to host', { kind: 'unreachable' }],
  ['tcp://10.0.0.7:502: no connection: dial tcp 10.0.0.7:502: i/o timeout', { kind: 'timeout' }],
  ['tcp://10.0.0.7:502 unit 2, function 3, registers 1 to 2: the other side closed the connection (EOF)', { kind: 'closed' }],
  ['tcp://10.0.0.7:502 unit 2, function 3, registers 1 to 2: the device refused: illegal data address', { kind: 'exception', code: 2 }],
  ['tcp://10.0.0.7:502 unit 2, function 3, registers 1 to 2: the device refused: unknown exception code', { kind: 'exception' }],
  ['tcp://10.0.0.7:502 unit 2, function 3, registers 1 to 2: not a Modbus answer to this request: bad crc', { kind: 'protocol' }],
] as const)('%s', (error, failure) => expect(failureOf(error)).toEqual(failure));
