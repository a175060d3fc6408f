/**
 * The init image without Docker: what its Dockerfile runs, in a folder; then what the Operator does with it, `cp -a` into
 * another place and `--require` by NODE_OPTIONS.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

import { runChild } from '../../support/child.ts'
import { packTarball } from '../../support/package.ts'
import { startReceiver } from '../../support/receiver.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { stackVersion } from '../../support/stack-versions.ts'

const FOLDER = join(COLLECTOR_FOLDER, 'kubernetes')
const dockerfile = readFileSync(join(FOLDER, 'init-image/Dockerfile'), 'utf8')

test('an application that knows nothing of it sends its lines', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-init-image-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [image, shared] = [join(folder, 'autoinstrumentation'), join(folder, 'shared')]
  for (const made of [image, shared]) mkdirSync(made)
  copyFileSync(join(FOLDER, 'init-image/autoinstrumentation.js'), join(image, 'autoinstrumentation.js'))
  const [, install] = /^RUN (npm install .*)$/m.exec(dockerfile)!
  execFileSync('sh', ['-c', install!.replace('/tmp/tracelog.tgz', packTarball(folder))], {
    cwd: image,
    stdio: 'ignore',
  })

  const [deployment] = [parse(readFileSync(join(FOLDER, 'examples/application.yaml'), 'utf8'))] as [
    { spec: { template: { spec: { initContainers: [{ command: readonly string[] }] } } } },
  ]
  const [program, ...args] = deployment.spec.template.spec.initContainers[0].command
  execFileSync(
    program!,
    args.map((text) => text.replace(/^\/autoinstrumentation/, image).replace(/^\/tracelog$/, shared)),
  )

  const receiver = await startReceiver()
  onTestFinished(() => receiver.close())
  const env = { NODE_OPTIONS: `--require ${shared}/autoinstrumentation.js`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  expect(await runChild('collector/app.mjs', { preload: 'none', env })).toMatchObject({ code: 0, stderr: '' })
  expect(receiver.receivedLogs.map(({ record }) => record.body)).toContain('greeting')
})

test('its images are those of the compose files', () => {
  const images = [...dockerfile.matchAll(/^FROM (\S+?):(\S+)/gm)].map(([, name, tag]) => [name, tag])
  expect(images).toEqual([
    ['node', stackVersion('node')],
    ['busybox', stackVersion('busybox')],
  ])
})
