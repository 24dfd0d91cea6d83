import { aptInstall, debianRoot, find, request, stage } from './tools.mjs';

/** busybox for the base image, where no registry can be reached to pull one; src/dev says so when it is missing elsewhere. */
export async function ensureBusybox() {
  if (process.env.BASE_IMAGE || (await find('busybox')) || !(await debianRoot())) return;
  const line = stage('busybox');
  if (await request('https://registry-1.docker.io/v2/').catch(() => undefined)) return;
  try {
    await aptInstall('busybox-static');
  } catch (error) {
    throw line.failed(error.message, 'install busybox-static, or set BASE_IMAGE to an image with Node 24 and a shell');
  }
  line.done('busybox-static installed with apt-get');
}
