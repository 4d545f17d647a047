<?php
// Lists models; prints the status, or why not.
$call = curl_init('https://api.anthropic.com/v1/models');
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => ['x-api-key: ' . getenv('ANTHROPIC_API_KEY'), 'anthropic-version: 2023-06-01'],
]);
curl_exec($call);
echo curl_error($call) ?: curl_getinfo($call, CURLINFO_RESPONSE_CODE), "\n";
