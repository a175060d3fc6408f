/**
 * Where docker compose publishes the stack on this machine: the ports that the environment or .env names.
 */
import { readInteger, type Env } from '../../config/env.ts'
import { readEnvFile } from './env-file.ts'

export interface Published {
  readonly otlp: string
  readonly loki: string
  readonly tempo: string
  readonly grafana: string
}

/** @param folder  of docker-compose.yml and .env. @throws TRACELOG_CONFIG_INVALID */
export function publishedAt(folder: string, env: Env): Published {
  // As docker compose does: the environment counts before the file.
  const both: Env = { ...Object.fromEntries(readEnvFile(folder)), ...env }
  const url = (name: string, otherwise: number): string =>
    `http://127.0.0.1:${readInteger(both, name, { min: 1, max: 65_535 }) ?? otherwise}`
  return {
    otlp: url('TRACELOG_PORT_OTLP_HTTP', 4318),
    loki: url('TRACELOG_PORT_LOKI', 3100),
    tempo: url('TRACELOG_PORT_TEMPO', 3200),
    grafana: url('TRACELOG_PORT_GRAFANA', 3000),
  }
}
