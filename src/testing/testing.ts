/** `typeorm-audit-trail/testing`: a conformance suite for the entities of an application, for any test runner. */
export { checkConformance, conformanceCases } from './conformance';
export type { ConformanceCase } from './conformance';
export { ConformanceError } from './conformance-error';
export type { ConformanceOptions, DataSourceFactory } from './conformance-options';
export { formatReport } from './conformance-report';
export type { ConformanceReport, ConformanceResult } from './conformance-report';
export type { Sample, SampleContext } from './sample/sampler';
export { SampleError } from './sample/sample-error';
