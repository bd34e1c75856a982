from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('sweeps', '0007_table'),
    ]

    operations = [
        migrations.CreateModel(
            name='SweepAnalysis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('begun_at', models.DateTimeField(blank=True, null=True)),
                ('computed_at', models.DateTimeField(blank=True, null=True)),
                ('finished', models.PositiveIntegerField(default=0)),
                ('took_s', models.FloatField(default=0.0)),
                ('result', models.JSONField(blank=True, null=True)),
                ('problem', models.TextField(blank=True)),
                ('sweep', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='analysis', to='sweeps.sweep')),
            ],
        ),
    ]
