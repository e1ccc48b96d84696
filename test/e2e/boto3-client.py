"""What a boto3 user does with snapshots, as it is."""

import json
import sys
import time

import boto3

url = sys.argv[1]
here = boto3.client("ec2", endpoint_url=url, region_name="eu-west-1")
there = boto3.client("ec2", endpoint_url=url, region_name="eu-central-1")


def by_name(name):
    found = here.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])
    return found["Reservations"][0]["Instances"][0]["InstanceId"]


def tagged(value):
    filters = [{"Name": "tag:boto3", "Values": [value]}]
    pages = here.get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"], Filters=filters, PaginationConfig={"PageSize": 5}
    )
    return [s for page in pages for s in page["Snapshots"]]


tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "boto3", "Value": "set"}]}]
made = here.create_snapshots(
    InstanceSpecification={"InstanceId": by_name("db2")}, TagSpecifications=tags
)["Snapshots"]
first, second = [s["SnapshotId"] for s in made]

for name in ["web1", "web2", "web3", "node1", "batch1", "db1"]:
    here.create_snapshots(InstanceSpecification={"InstanceId": by_name(name)}, TagSpecifications=tags)
time.sleep(0.5)
paged = len(tagged("set"))

here.create_tags(Resources=[first], Tags=[{"Key": "boto3", "Value": "one"}])
here.get_waiter("snapshot_completed").wait(
    SnapshotIds=[first, second], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
)
one = len(tagged("one"))
copy = there.copy_snapshot(SourceRegion="eu-west-1", SourceSnapshotId=first)["SnapshotId"]
here.delete_snapshot(SnapshotId=second)
time.sleep(0.5)
filters = [{"Name": "snapshot-id", "Values": [first, second]}]
left = len(here.describe_snapshots(Filters=filters)["Snapshots"])
print(
    json.dumps(
        {"made": len(made), "paged": paged, "tagged": one, "copied": copy not in (first, second), "left": left}
    )
)
