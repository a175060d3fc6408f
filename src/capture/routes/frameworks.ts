/**
 * The frameworks whose routes and errors are told on the hop, and what else tells of the request that it is in: GraphQL its operation,
 * packages that forward requests that they do. With the files of each that are watched for; their hooks are compiled when an application
 * loads one (`.ci/build.mjs`).
 */
import { createGraphqlHook } from '../graphql.ts'
import type { Instrumentation } from '../instrumentation.ts'
import { libraryInstrumentation } from '../library-instrumentation.ts'
import type { PackageFile } from '../package-files.ts'
import { createProxyPackagesHook } from '../proxy-packages.ts'
import { createFastifyHook } from './fastify.ts'
import { createHapiHook } from './hapi.ts'
import { createHonoHook } from './hono.ts'
import { createKoaHook } from './koa.ts'
import { createNestHook } from './nest.ts'

/** By the names of OpenTelemetry's own instrumentations. */
export function createFrameworkInstrumentations(): readonly Instrumentation[] {
  return [
    // The file has had both names.
    libraryInstrumentation({
      name: 'fastify',
      files: filesOf('fastify', 'lib/context.js', 'lib/error-status.js', 'lib/wrapThenable.js', 'lib/wrap-thenable.js'),
      open: createFastifyHook,
    }),
    libraryInstrumentation({
      name: 'koa',
      files: filesOf('koa', 'lib/context.js', 'lib/application.js'),
      open: createKoaHook,
    }),
    libraryInstrumentation({
      name: 'hapi',
      files: filesOf('@hapi/hapi', 'lib/request.js', 'lib/response.js'),
      open: createHapiHook,
    }),
    libraryInstrumentation({
      name: 'hono',
      files: filesOf('hono', 'dist/cjs/http-exception.js'),
      open: createHonoHook,
    }),
    libraryInstrumentation({
      name: 'nestjs-core',
      files: [
        ...filesOf('@nestjs/core', 'exceptions/base-exception-filter.js'),
        ...filesOf('@nestjs/common', 'exceptions/http.exception.js', 'utils/select-exception-filter-metadata.util.js'),
      ],
      open: createNestHook,
    }),
    libraryInstrumentation({
      name: 'graphql',
      files: filesOf('graphql', 'utilities/getOperationAST.js', 'error/locatedError.js'),
      channels: [
        'tracing:graphql:execute:start',
        'tracing:graphql:subscribe:start',
        'tracing:graphql:execute:end',
        'tracing:graphql:execute:asyncEnd',
      ],
      open: createGraphqlHook,
    }),
    libraryInstrumentation({
      name: '@fastify/reply-from',
      files: filesOf('@fastify/reply-from', 'lib/utils.js'),
      open: createProxyPackagesHook,
    }),
    libraryInstrumentation({
      name: 'express-http-proxy',
      files: filesOf('express-http-proxy', 'app/steps/prepareProxyReq.js'),
      open: createProxyPackagesHook,
    }),
  ]
}

function filesOf(name: string, ...files: readonly string[]): readonly PackageFile[] {
  return files.map((file) => ({ package: name, file }))
}
