#!/bin/sh
# SeaweedFS with its S3 port for the office and everything else on loopback.
set -eu
umask 077
cat >/tmp/s3.json <<JSON
{"identities": [{"name": "eoffice",
  "credentials": [{"accessKey": "$EOFFICE_S3_ACCESS_KEY", "secretKey": "$EOFFICE_S3_SECRET_KEY"}],
  "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}
JSON
weed server -dir=/data -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.telemetry=false \
    -master.raftHashicorp -master.raftBootstrap -volume.max=0 -filer &
until weed shell -master=127.0.0.1:9333 </dev/null >/dev/null 2>&1; do sleep 1; done
echo "fs.configure -locationPrefix=/buckets/ -fsync -apply" | weed shell -master=127.0.0.1:9333
exec weed s3 -ip.bind=0.0.0.0 -port=8333 -filer=127.0.0.1:8888 -config=/tmp/s3.json \
    -allowDeleteBucketNotEmpty=false -autoCreateBucket=false
