/** DisableImage and EnableImage: a disabled image cannot be launched and hides, but still uses its snapshots. */
import type {
  DisableImageRequest,
  DisableImageResult,
  EnableImageRequest,
  EnableImageResult,
} from '@aws-sdk/client-ec2';
import {type Call, type Handler, required} from '../api/call.ts';
import {find} from '../api/find.ts';
import type {Image} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

export const disableImage: Handler<DisableImageRequest, DisableImageResult> = (input, call) => {
  call.changes.put('image', {...ownImage(input.ImageId, call), isDisabled: true});
  return {Return: true};
};

export const enableImage: Handler<EnableImageRequest, EnableImageResult> = (input, call) => {
  call.changes.put('image', {...ownImage(input.ImageId, call), isDisabled: false});
  return {Return: true};
};

/** @throws ApiError AuthFailure */
export function ownImage(id: string | undefined, call: Call): Image {
  const image = find('image', required(id, 'ImageId'), call);
  if (image.owner === call.account) return image;
  throw new ApiError('AuthFailure', `Not authorized for image:${image.id}`);
}
