"""How fast batchwright is, measured beside plain boto3 and beside the function that it grew from."""
