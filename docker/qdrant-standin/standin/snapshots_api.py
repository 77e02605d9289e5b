"""Snapshots over REST (contract 4 and 5)."""

import os
import urllib.parse

from . import downloads, snapshots, sources
from . import recover as recovery
from . import upload as forms
from .answers import Answer, Failure, ok, to_text, wrong_input


# --- of a collection ----------------------------------------------------------------------------------------------------------


def listing(server, request, name):
    collection = server.reading(request, name)
    return ok(to_text(snapshots.listing(server.storage.snapshot_folder(collection.name))), request.began)


def create(server, request, name):
    def work():
        request.access.must_write(server.storage.resolved(name))
        return snapshots.create(server.storage, server.storage.get(name))

    return server.job(request, work)


def download(server, request, name, snapshot):
    collection = server.reading(request, name)
    return downloads.answer(request, snapshots.existing(server.storage.snapshot_folder(collection.name), snapshot))


def delete(server, request, name, snapshot):
    def work():
        request.access.must_write(server.storage.resolved(name))
        collection = server.storage.get(name)
        snapshots.remove(snapshots.existing(server.storage.snapshot_folder(collection.name), snapshot))
        return True

    return server.job(request, work)


def recover(server, request, name):
    source = sources.read_body(request.json())

    def work():
        request.access.must_manage()
        recovery.recover(server.storage, name, source)
        return True

    return server.job(request, work)


def upload(server, request, name):
    checksum = _checked_query(request)
    form = _received(server, request)
    try:
        _compare(form, checksum)
        target = server.storage.resolved(name)
        folder = server.storage.snapshot_folder(target)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, form.file_name)
        # Replaces a file of that name, keeps its old checksum, and stays afterwards (contract 4.3).
        os.replace(form.path, path)
    finally:
        _forget(form)

    def work():
        recovery.recover_file(server.storage, name, path)
        return True

    return server.job(request, work)


def _checked_query(request):
    priority = request.query.get("priority")
    if priority is not None and priority not in sources.PRIORITIES:
        raise Failure(400, f"Deserialize error in query parameters: unknown variant `{priority}`")
    return sources.read_checksum(request.query.get("checksum"), "query parameters")


def _received(server, request):
    def allowed():
        try:
            request.access.must_manage()
        except Failure as failure:
            raise failure.as_plain() from None

    # 1.18 looks at the rights before the body, 1.16 after it.
    if not server.settings.is_1_16:
        allowed()
    form = forms.receive(request, os.path.join(server.storage.snapshots, "tmp", "upload"))
    allowed()
    return form


def _compare(form, checksum):
    if checksum is not None and checksum != form.sha256:
        # The labels are the wrong way round, as on the server (contract 2.3).
        raise Failure(400, f"Checksum mismatch: expected {form.sha256}, actual {checksum}")


def _forget(form):
    if os.path.exists(form.path):
        os.remove(form.path)


# --- of the whole storage -------------------------------------------------------------------------------------------------------


def full_listing(server, request):
    request.access.must_read_all()
    return ok(to_text(snapshots.listing(server.storage.snapshots)), request.began)


def full_create(server, request):
    def work():
        request.access.must_manage()
        return snapshots.create_full(server.storage)

    return server.job(request, work)


def full_download(server, request, snapshot):
    request.access.must_read_all()
    return downloads.answer(request, snapshots.existing(server.storage.snapshots, snapshot))


def full_delete(server, request, snapshot):
    def work():
        request.access.must_manage()
        snapshots.remove(snapshots.existing(server.storage.snapshots, snapshot))
        return True

    return server.job(request, work)


# --- of a shard -------------------------------------------------------------------------------------------------------------------


def _shard(server, collection, number):
    return snapshots.find_shard(collection, int(number))


def _refuse_no_number(server, number):
    if number.isascii() and number.isdigit():
        return
    if server.settings.is_1_16:
        raise Failure(404, f'can not parse "{number}" to a u32', plain=True)
    raise Failure(400, f'Deserialize error in path parameters: can not parse "{number}" to a u32')


def shard_listing(server, request, name, shard):
    _refuse_no_number(server, shard)
    collection = server.reading(request, name)
    folder = snapshots.shard_folder(server.storage, collection, _shard(server, collection, shard))
    return ok(to_text(snapshots.listing(folder)), request.began)


def shard_create(server, request, name, shard):
    _refuse_no_number(server, shard)

    def work():
        request.access.must_write(server.storage.resolved(name))
        return snapshots.create_of_shard(server.storage, server.storage.get(name), int(shard))

    return server.job(request, work)


def shard_stream(server, request, name, shard):
    request.access.must_write(server.storage.resolved(name))
    file_name, chunks = snapshots.stream_shard(server.storage, server.storage.get(name), int(shard))
    answer = Answer(200, headers=[("content-type", "application/octet-stream"),
                                  ("content-disposition", f'attachment; filename="{file_name}"')])
    answer.chunks = chunks
    return answer


def shard_download(server, request, name, shard, snapshot):
    collection = server.reading(request, name)
    folder = snapshots.shard_folder(server.storage, collection, _shard(server, collection, shard))
    return downloads.answer(request, snapshots.existing(folder, snapshot))


def shard_delete(server, request, name, shard, snapshot):
    def work():
        request.access.must_write(server.storage.resolved(name))
        collection = server.storage.get(name)
        folder = snapshots.shard_folder(server.storage, collection, _shard(server, collection, shard))
        said = f'"./snapshots/{collection.name}/shards/{shard}/{snapshot}"'
        snapshots.remove(snapshots.existing(folder, snapshot, said))
        return True

    return server.job(request, work)


def shard_recover(server, request, name, shard):
    source = sources.read_body(request.json(), bare_names=True)

    def work():
        request.access.must_manage()
        collection = server.storage.get(name)
        target = _shard(server, collection, shard)
        url = urllib.parse.urlsplit(source.location)
        if url.scheme == "file":
            raise wrong_input(f"Invalid snapshot URL {source.location}: URLs with file scheme are not supported")
        with snapshots.scratch(server.storage) as folder:
            if url.scheme:
                path = sources.fetch(source, server.storage, folder)
            else:
                path = snapshots.existing(snapshots.shard_folder(server.storage, collection, target), source.location)
            recovery.recover_shard(server.storage, collection, target, path, source.checksum)
        return True

    return server.job(request, work)


def shard_upload(server, request, name, shard):
    checksum = _checked_query(request)
    form = _received(server, request)
    try:
        collection = server.storage.get(name)
        target = _shard(server, collection, shard)
        _compare(form, checksum)
    except Failure:
        _forget(form)
        raise

    def work():
        try:
            recovery.recover_shard(server.storage, collection, target, form.path)
        finally:
            _forget(form)
        return None

    return server.job(request, work)
