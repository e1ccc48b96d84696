/** Which service a request is to, by its form: all of them are at one address. */
import {ebsDirect} from '../blocks/ebs-direct.ts';
import {kms} from '../keys/kms.ts';
import {answer, errorAnswer} from './answer.ts';
import type {HttpRequest, Protocol} from './protocol.ts';

/** The protocol of a request; what is of no other form is EC2's. */
export function protocolOf({path, headers}: HttpRequest): Protocol {
  if (headers['x-amz-target'] !== undefined) return kms;
  return path.startsWith('/snapshots') ? ebsDirect : ec2Query;
}

const ec2Query: Protocol = {
  service: 'ec2',
  actionOf: (request) => parametersOf(request).get('Action') ?? '',
  answer: (request, asked, endpoint) => answer({...asked, parameters: parametersOf(request)}, endpoint),
  failure: errorAnswer,
};

function parametersOf({body, query}: HttpRequest): URLSearchParams {
  return body === '' ? query : new URLSearchParams(body);
}
