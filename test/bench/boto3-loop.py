"""What people write by hand: every instance with the tag, one call after another."""

import sys

import boto3
from botocore.config import Config

url, *regions = sys.argv[1:]
for region in regions:
    ec2 = boto3.client(
        "ec2",
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 10, "mode": "standard"}),
    )
    pages = ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "tag:Earmarking", "Values": ["production"]}]
    )
    instances = [i for page in pages for r in page["Reservations"] for i in r["Instances"]]
    for instance in instances:
        made = ec2.create_snapshots(InstanceSpecification={"InstanceId": instance["InstanceId"]})
        for snapshot in made["Snapshots"]:
            print(snapshot["SnapshotId"])
