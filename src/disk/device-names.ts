/** What kernels make of the device names of the API. */

/**
 * The paths at which the device called `device` in the API may be found, likeliest first. Xen's driver says xvd for
 * sd, and the first partition in a root's name may be the whole disk.
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/device_naming.html
 */
export function deviceNames(device: string): string[] {
  const name = device.replace(/^\/dev\//, '');
  const names = [name, name.replace(/^sd/, 'xvd'), name.replace(/^xvd/, 'sd')];
  const wholeDisks = names.map((one) => one.replace(/\d+$/, ''));
  return [...new Set([...names, ...wholeDisks])].map((one) => `/dev/${one}`);
}
