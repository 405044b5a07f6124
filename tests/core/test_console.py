"""Links to the console: from an ARN alone, and only where there is a console."""

import pytest

from batchwright import console

JOB = "arn:aws:batch:us-east-2:111122223333:job/0a1b"
AT = "https://us-east-2.console.aws.amazon.com"


@pytest.mark.parametrize(
    ("arn", "page"),
    [
        (JOB, f"{AT}/batch/home?region=us-east-2#jobs/detail/0a1b"),
        (f"{JOB}:3", f"{AT}/batch/home?region=us-east-2#jobs/detail/0a1b:3"),
        *(
            (
                f"arn:aws:batch:us-east-2:111122223333:{kind}/lab",
                f"{AT}/batch/home?region=us-east-2#{path}/detail/arn:aws:batch:us-east-2:111122223333:{kind}/lab",
            )
            for kind, path in {
                "job-queue": "queues",
                "compute-environment": "compute-environments",
                "job-definition": "job-definition",
            }.items()
        ),
        (
            "arn:aws:elasticfilesystem:us-east-2:111122223333:file-system/fs-1",
            f"{AT}/efs/home?region=us-east-2#/file-systems/fs-1",
        ),
        ("arn:aws:dynamodb:us-east-2:111122223333:table/a.b", f"{AT}/dynamodbv2/home?region=us-east-2#table?name=a.b"),
        (
            "arn:aws:iam::111122223333:role/batchwright/lab/worker",
            "https://console.aws.amazon.com/iam/home#/roles/details/worker",
        ),
        (
            "arn:aws:secretsmanager:us-east-2:111122223333:secret:batchwright/lab/token-aBc123",
            f"{AT}/secretsmanager/secret?name=batchwright%2Flab%2Ftoken&region=us-east-2",
        ),
        (
            "arn:aws:ssm:us-east-2:111122223333:parameter/batchwright/lab/token",
            f"{AT}/systems-manager/parameters/batchwright/lab/token/description?region=us-east-2",
        ),
        (
            "arn:aws:states:us-east-2:111122223333:execution:teardown:run-1",
            f"{AT}/states/home?region=us-east-2#/v2/executions/details/"
            "arn:aws:states:us-east-2:111122223333:execution:teardown:run-1",
        ),
    ],
)
def test_an_arn_leads_to_its_page(arn: str, page: str) -> None:
    """One form for each kind that has a page."""
    assert console.page_of(arn) == page


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws-cn", "cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_other_partitions_have_consoles_of_their_own(partition: str, region: str, host: str) -> None:
    """A link into another partition would lead to nobody's account."""
    arn = f"arn:{partition}:batch:{region}:111122223333:job/0a1b"
    assert console.page_of(arn) == f"https://{host}/batch/home?region={region}#jobs/detail/0a1b"


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "no arn",
        "arn:aws:batch",
        "arn:aws:batch:us-east-2:111122223333:job/",
        "arn:aws:iam::111122223333:instance-profile/worker",
        "arn:aws-iso:batch:us-iso-east-1:111122223333:job/0a1b",
        "arn:aws:batch:us-east-2:123456789012:job/0a1b",
        "arn:aws:batch:us-east-2:000000000000:job/0a1b",
    ],
)
def test_no_page_no_link(arn: str) -> None:
    """Neither for kinds without one nor for an AWS on this machine."""
    assert console.page_of(arn) == ""
    assert arn.endswith("job/") or "111122223333" in arn or console.log_stream(arn, "/aws/batch/job", "a/b") == ""


def test_names_of_logs_are_encoded_twice() -> None:
    """The console's own address line has `$252F` for `/`."""
    group = f"{AT}/cloudwatch/home?region=us-east-2#logsV2:log-groups/log-group/$252Faws$252Fbatch$252Fjob"
    assert console.log_group(JOB, "/aws/batch/job") == group
    assert console.log_stream(JOB, "/aws/batch/job", "a/b$[c]") == f"{group}/log-events/a$252Fb$2524$255Bc$255D"
    assert console.log_stream(JOB, "/aws/batch/job", "") == console.log_group("", "x") == ""


@pytest.mark.parametrize(
    ("resource_id", "path"),
    [
        ("vpc-1", "vpcconsole/home?region=us-east-2#VpcDetails:VpcId=vpc-1"),
        ("subnet-1", "vpcconsole/home?region=us-east-2#SubnetDetails:subnetId=subnet-1"),
        ("sg-1", "ec2/home?region=us-east-2#SecurityGroup:groupId=sg-1"),
    ],
)
def test_parts_of_a_network_are_found_by_their_ids(resource_id: str, path: str) -> None:
    """EC2 tells ids, not ARNs."""
    assert console.page_of_ec2(resource_id, region="us-east-2") == f"{AT}/{path}"
    assert console.page_of_ec2("eni-1", region="us-east-2") == ""


def test_what_a_name_holds_does_not_end_the_link() -> None:
    """A name can break out neither of the address nor of its query."""
    page = console.page_of('arn:aws:secretsmanager:us-east-2:111122223333:secret:a"&x=<b> #-aBc123')
    assert page == f"{AT}/secretsmanager/secret?name=a%22%26x%3D%3Cb%3E%20%23&region=us-east-2"
    assert console.page_of("arn:aws:batch:elsewhere.example/:111122223333:job/0a1b") == ""
