/** A real Prometheus on loopback with collector/prometheus.yaml, but once a second. Debian's: `requireProgram('prometheus')`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse, stringify } from 'yaml'

import { freePort } from '../../support/servers/free-port.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { isOk, startServer, type ServerProcess } from '../../support/servers/server-process.ts'

export interface Prometheus extends ServerProcess {
  /** Of its HTTP API, up to the version. */
  readonly apiUrl: string
}

interface Config {
  global: { scrape_interval: string }
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[]
}

/** @param addresses  `host:port` in compose's network -> where that is here; a job without any is left away */
export async function startPrometheus(
  folder: string,
  addresses: Readonly<Record<string, readonly string[]>>,
): Promise<Prometheus> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'prometheus.yaml')
  writeFileSync(file, stringify(moved(addresses)))
  const address = `127.0.0.1:${await freePort()}`
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
  ]
  const isReady = (): Promise<boolean> => isOk(`http://${address}/-/ready`)
  const server = await startServer({ name: 'prometheus', program: 'prometheus', args, isReady })
  return { ...server, apiUrl: `http://${address}/api/v1` }
}

function moved(addresses: Readonly<Record<string, readonly string[]>>): Config {
  const config = parse(readFileSync(join(COLLECTOR_FOLDER, 'prometheus.yaml'), 'utf8')) as Config
  config.global.scrape_interval = '1s'
  for (const job of config.scrape_configs) {
    for (const targets of job.static_configs) {
      targets.targets = targets.targets.flatMap((target) => {
        const here = addresses[target]
        if (here === undefined) throw new Error(`the test does not know ${target} of prometheus.yaml`)
        return here
      })
    }
  }
  return config
}
