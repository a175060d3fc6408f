/**
 * What compose would start beside the stack's servers, tried with the programs of this machine: the files that a service
 * mounts are laid out below a folder as it would see them, and its own command is run on them.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { execFileSync } from 'node:child_process'
import { expect, onTestFinished } from 'vitest'

import { composeWith, mountsOf, readComposeText, ROOT, type Service } from '../../support/compose.ts'
import { requireProgram } from '../../support/require.ts'
import { runToEnd } from '../../support/servers/server-process.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-compose-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** @returns the service's command, its paths moved below `folder` */
function layOut(service: Service, folder: string): readonly string[] {
  for (const { source, target } of mountsOf(service)) {
    const path = join(folder, target)
    mkdirSync(source.startsWith('./') ? dirname(path) : path, { recursive: true })
    if (source.startsWith('./')) cpSync(join(ROOT, source), path)
  }
  return service.command!.map((text) => (text.startsWith('/') ? join(folder, text) : text))
}

requireProgram('nginx')('nginx finds all that it includes among its mounts', async () => {
  const command = layOut(composeWith(['lb']).services['nginx']!, newFolder())
  const { code, said } = await runToEnd('nginx', ['-t', ...command])
  expect(said).toContain('test is successful')
  expect(code).toBe(0)
})

requireProgram('haproxy')('HAProxy accepts its file with the environment of its service', async () => {
  const service = composeWith(['lb']).services['haproxy']!
  const [program = '', ...args] = layOut(service, newFolder())
  // The name is one of compose's network.
  const env = { ...service.environment, TRACELOG_LB_SYSLOG: '127.0.0.1:6514' } as Record<string, string>
  expect(await runToEnd(program, ['-c', ...args], env)).toMatchObject({ code: 0 })
})

requireProgram('redis-server')('Redis accepts the arguments of its service', async () => {
  const [program = '', ...args] = composeWith(['lb']).services['redis']!.command!
  const { said } = await runToEnd(program, [...args, '--port', '0', '--unixsocket', '/nowhere/redis.sock'])
  expect(said).toContain('Failed opening Unix socket')
})

requireProgram('openssl')('the commands in the head of compose.secure.yaml make what its secrets name', () => {
  const folder = newFolder()
  const head = readComposeText('compose.secure.yaml').split(/\n(?!#)/)[0]!
  const lines = head.split('\n').flatMap((line) => /^# {3}( *(?:openssl|-addext|chmod) .*)$/.exec(line)?.[1] ?? [])
  mkdirSync(join(folder, 'secrets'))
  execFileSync('sh', ['-ec', lines.join('\n')], { cwd: folder, stdio: 'ignore' })
  const { secrets = {} } = composeWith(['secure'])
  const files = Object.values(secrets).map(({ file }) => file.replace('${TRACELOG_SECRETS:-./secrets}', 'secrets'))
  expect(files).toHaveLength(3)
  expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([])
  const subject = execFileSync('openssl', [
    'x509',
    '-in',
    join(folder, 'secrets', 'tls.crt'),
    '-noout',
    '-ext',
    'subjectAltName',
  ])
  expect(String(subject)).toContain('DNS:localhost, IP Address:127.0.0.1')
})
