import { homedir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { type BackendFlags, readBackendConfig } from '../../src/config/backend-config.ts'
import type { Env } from '../../src/config/env.ts'

describe('the configuration of the backend', () => {
  test('has the defaults of the contract', () => {
    expect(readBackendConfig({}, {})).toEqual({
      dataDirectory: join(homedir(), '.local/state/tracelog'),
      host: '127.0.0.1',
      otlpHttpPort: 4318,
      otlpGrpcPort: 4317,
      apiPort: 4330,
      token: undefined,
      fsync: 'each',
      allowedHosts: [],
      rebuild: false,
    })
  })

  test.each<{ what: string; flags: BackendFlags; env: Env; expected: object }>([
    {
      what: '--data before TRACELOG_DATA',
      flags: { data: '/a' },
      env: { TRACELOG_DATA: '/b' },
      expected: { dataDirectory: '/a' },
    },
    {
      what: 'TRACELOG_DATA before XDG_STATE_HOME',
      flags: {},
      env: { TRACELOG_DATA: '/b', XDG_STATE_HOME: '/c' },
      expected: { dataDirectory: '/b' },
    },
    { what: 'XDG_STATE_HOME', flags: {}, env: { XDG_STATE_HOME: '/c' }, expected: { dataDirectory: '/c/tracelog' } },
    { what: 'blank as unset', flags: { data: ' ', api: '' }, env: { TRACELOG_DATA: ' ' }, expected: { apiPort: 4330 } },
    {
      what: 'a relative directory as absolute',
      flags: { data: 'x' },
      env: {},
      expected: { dataDirectory: join(process.cwd(), 'x') },
    },
    {
      what: 'port 0',
      flags: { otlpHttp: '0', otlpGrpc: '65535' },
      env: {},
      expected: { otlpHttpPort: 0, otlpGrpcPort: 65_535 },
    },
    {
      what: '--token before TRACELOG_TOKEN',
      flags: { token: 'flag-token' },
      env: { TRACELOG_TOKEN: 'env-token' },
      expected: { token: 'flag-token' },
    },
    { what: 'TRACELOG_TOKEN', flags: {}, env: { TRACELOG_TOKEN: 'env-token' }, expected: { token: 'env-token' } },
    {
      what: 'several hosts',
      flags: { allowHosts: ['a.test, b.test', 'c.test'] },
      env: {},
      expected: { allowedHosts: ['a.test', 'b.test', 'c.test'] },
    },
    { what: '--fsync', flags: { fsync: 'interval' }, env: {}, expected: { fsync: 'interval' } },
  ])('takes $what', ({ flags, env, expected }) => {
    expect(readBackendConfig(flags, env)).toMatchObject(expected)
  })

  test.each<{ flags: BackendFlags; message: string }>([
    { flags: { api: '65536' }, message: '--api is "65536", but must be a whole number from 0 to 65535' },
    { flags: { otlpHttp: '-1' }, message: '--otlp-http is "-1", but must be a whole number from 0 to 65535' },
    { flags: { otlpGrpc: '4e3' }, message: '--otlp-grpc is "4e3", but must be a whole number from 0 to 65535' },
    { flags: { fsync: 'never' }, message: '--fsync is "never", but must be one of each, interval, off' },
    {
      flags: { token: 'short' },
      message: '--token is "[redacted]", but must be at least 8 characters of A-Z a-z 0-9 . _ ~ -',
    },
    {
      flags: { token: 'with blank in it' },
      message: '--token is "[redacted]", but must be at least 8 characters of A-Z a-z 0-9 . _ ~ -',
    },
  ])('refuses $message', ({ flags, message }) => {
    expect(() => readBackendConfig(flags, {})).toThrow(
      expect.objectContaining({ code: 'TRACELOG_CONFIG_INVALID', message }),
    )
  })
})
